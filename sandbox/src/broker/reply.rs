//! What calls are answered with. Each type is written as XML and as JSON.

pub mod accounts;
pub mod alerts;
pub mod options;
pub mod orders;
pub mod portfolio;
pub mod product;
pub mod quotes;
pub mod transactions;
