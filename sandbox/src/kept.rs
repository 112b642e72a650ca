//! A map that forgets its oldest entry when it is full.

use std::collections::VecDeque;
use std::collections::hash_map::{HashMap, ValuesMut};
use std::ops::Deref;

const LIMIT: usize = 10_000;

#[derive(Debug)]
pub struct Kept<V> {
    entries: HashMap<String, V>,
    /// The names, the oldest first.
    order: VecDeque<String>,
}

impl<V> Default for Kept<V> {
    fn default() -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new() }
    }
}

impl<V> Kept<V> {
    /// Adds an entry whose name is new.
    pub fn insert(&mut self, name: String, value: V) {
        if self.order.len() == LIMIT {
            self.order.pop_front().and_then(|oldest| self.entries.remove(&oldest));
        }
        self.order.push_back(name.clone());
        self.entries.insert(name, value);
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        self.entries.get_mut(name)
    }

    pub fn values_mut(&mut self) -> ValuesMut<'_, String, V> {
        self.entries.values_mut()
    }
}

impl<V> Deref for Kept<V> {
    type Target = HashMap<String, V>;

    fn deref(&self) -> &Self::Target {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entry_goes_first() {
        let mut kept = Kept::default();
        for number in 0..=LIMIT {
            kept.insert(number.to_string(), number);
        }
        assert_eq!((kept.len(), kept.get("0"), kept.get("1")), (LIMIT, None, Some(&1)));
        assert!(kept.contains_key(&LIMIT.to_string()));
    }
}
