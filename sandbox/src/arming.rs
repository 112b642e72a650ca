//! The arming of faults: reads what the admin path was told.

use std::collections::HashMap;
use std::str::FromStr;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};

use crate::encoding::Encoding;
use crate::fault::{Break, Cause, Fault, Kind, When};
use crate::form::Form;

impl Fault {
    /// Reads the parameters as a query.
    pub fn parse_query(query: &str) -> Result<Self, String> {
        Self::parse(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// Reads the parameters of the admin path.
    pub fn parse(parameters: HashMap<String, String>) -> Result<Self, String> {
        let mut told: Vec<_> =
            parameters.iter().filter(|(name, _)| !matches!(name.as_str(), "times" | "after")).collect();
        // What it does comes first, whatever the order in which it was told.
        told.sort_by_key(|(name, _)| (*name != "kind", *name));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(told).finish();
        let mut arguments = Arguments(parameters);
        let kind = Kind::parse(&mut arguments)?;
        let fault = Self {
            on: arguments.optional("on")?.unwrap_or_else(|| "/".to_owned()),
            method: arguments.optional("method")?,
            after: arguments.optional("after")?.unwrap_or(0),
            times: arguments.optional("times")?.unwrap_or(1),
            kind,
            query,
        };
        if fault.times == 0 {
            return Err("times must be 1 or more".to_owned());
        }
        match arguments.0.keys().next() {
            Some(name) => Err(format!("{name} means nothing to this kind of fault")),
            None => Ok(fault),
        }
    }
}

impl Kind {
    fn parse(arguments: &mut Arguments) -> Result<Self, String> {
        let kind: String = arguments.required("kind")?;
        Ok(match kind.as_str() {
            "problem" => Self::parse_problem(arguments)?,
            "status" => Self::Status {
                http: arguments.required("http")?,
                headers: [
                    ("content-type", Some(arguments.optional("type")?.unwrap_or_else(plain_text))),
                    ("retry-after", arguments.optional("retry_after")?),
                    ("www-authenticate", arguments.optional("challenge")?),
                ]
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
                body: arguments.optional("body")?.unwrap_or_default(),
                form: Form::parse(arguments)?,
            },
            "redirect" => Self::Status {
                http: StatusCode::FOUND,
                headers: vec![("location", arguments.required("to")?)],
                body: String::new(),
                form: Form::PLAIN,
            },
            "token_reply" => Self::Status {
                http: StatusCode::OK,
                headers: vec![("content-type", HeaderValue::from_static("text/html"))],
                body: arguments.required("body")?,
                form: Form::parse(arguments)?,
            },
            "hold" => Self::Hold,
            "drop" => {
                let reset: u8 = arguments.optional("reset")?.unwrap_or(0);
                let how = if reset == 0 { Break::Close } else { Break::Reset };
                Self::Break { when: arguments.required("when")?, how }
            }
            "stall" => match arguments.required("when")? {
                When::Idle | When::Next => {
                    return Err("after a whole answer there is nothing to stall".to_owned());
                }
                when => Self::Break { when, how: Break::Stall },
            },
            "slow" => {
                let pace = Duration::from_millis(arguments.required("ms")?);
                match arguments.optional("when")? {
                    None => Self::Slow { pace },
                    Some(When::Accept) => Self::SlowHandshake { pace },
                    Some(_) => return Err("slow comes with when=accept, or without a when".to_owned()),
                }
            }
            "garbage" => Self::Garbage,
            "oversize" => Self::Oversize { bytes: arguments.required("bytes")?, form: Form::parse(arguments)? },
            "close_delimited" => Self::CloseDelimited,
            "date" => Self::Date { skew: arguments.required("skew")? },
            _ => {
                return Err(format!(
                    "{kind} is no kind of fault: there are problem, status, redirect, token_reply, drop, stall, hold, slow, \
                     garbage, oversize, close_delimited and date"
                ));
            }
        })
    }

    fn parse_problem(arguments: &mut Arguments) -> Result<Self, String> {
        let cause = match (arguments.optional("code")?, arguments.optional("message")?) {
            (Some(code), None) => Cause::Code(code),
            (None, Some(message)) => Cause::Message(message),
            _ => return Err("a problem has either a code or a message".to_owned()),
        };
        Ok(Self::Problem {
            shape: arguments.optional("shape")?,
            http: arguments.optional("http")?.unwrap_or(StatusCode::UNAUTHORIZED),
            cause,
            form: Form::parse(arguments)?,
        })
    }
}

impl Form {
    const PLAIN: Self = Self { encoding: None, announced: true, truncated: false, length: true };

    fn parse(arguments: &mut Arguments) -> Result<Self, String> {
        let encoding: Option<Encoding> = arguments.optional("encoding")?;
        Ok(Self {
            encoding,
            announced: arguments.flag("announced")?.unwrap_or(Self::PLAIN.announced),
            truncated: arguments.flag("truncated")?.unwrap_or(Self::PLAIN.truncated),
            length: arguments.flag("length")?.unwrap_or(Self::PLAIN.length),
        })
    }
}

fn plain_text() -> HeaderValue {
    HeaderValue::from_static("text/plain")
}

impl FromStr for When {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Ok(match name {
            "accept" => Self::Accept,
            "before" => Self::Before,
            "after" => Self::After,
            "headers" => Self::Headers,
            "body" => Self::Body,
            "chunked" => Self::Chunked,
            "idle" => Self::Idle,
            "next" => Self::Next,
            _ => return Err(()),
        })
    }
}

/// The parameters of an admin request; reading one takes it out, so that none goes unread.
struct Arguments(HashMap<String, String>);

impl Arguments {
    fn optional<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, String> {
        let value = self.0.remove(name);
        value.map(|text| text.parse().map_err(|_| format!("{name}={text} can't be read"))).transpose()
    }

    fn flag(&mut self, name: &str) -> Result<Option<bool>, String> {
        match self.optional::<u8>(name)? {
            None => Ok(None),
            Some(number @ (0 | 1)) => Ok(Some(number == 1)),
            Some(_) => Err(format!("{name} is 0 or 1")),
        }
    }

    fn required<T: FromStr>(&mut self, name: &str) -> Result<T, String> {
        self.optional(name)?.ok_or_else(|| format!("{name} is missing"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read() {
        let kinds = [
            ("kind=problem&code=nonce_used", "Code(\"nonce_used\")"),
            ("kind=problem&message=No+more&shape=xml_code&http=400", "Message(\"No more\")"),
            ("kind=status&http=429&retry_after=7&body=x&type=text/plain", "retry-after"),
            ("kind=status&http=401&challenge=OAuth+realm", "www-authenticate"),
            ("kind=status&http=401&encoding=gzip&announced=0&truncated=1", "Gzip), announced: false, truncated: true"),
            ("kind=token_reply&body=x&encoding=br", "Br), announced: true"),
            ("kind=problem&code=x&length=0", "length: false"),
            ("kind=oversize&bytes=9&encoding=deflate", "Deflate"),
            ("kind=redirect&to=http://127.0.0.1/", "location"),
            ("kind=token_reply&body=oauth_token%3Da", "oauth_token=a"),
            ("kind=hold", "Hold"),
            ("kind=drop&when=accept", "Accept, how: Close"),
            ("kind=drop&when=chunked&reset=1", "Chunked, how: Reset"),
            ("kind=stall&when=headers", "Headers, how: Stall"),
            ("kind=slow&ms=20", "20ms"),
            ("kind=slow&ms=20&when=accept", "SlowHandshake"),
            ("kind=garbage", "Garbage"),
            ("kind=oversize&bytes=9", "bytes: 9"),
            ("kind=close_delimited", "CloseDelimited"),
            ("kind=date&skew=-9", "skew: -9"),
        ];
        for (query, expected) in kinds {
            let kind = Fault::parse_query(query).unwrap().kind;
            assert!(format!("{kind:?}").contains(expected), "{query}: {kind:?}");
        }
    }

    #[test]
    fn mistakes_are_refused() {
        for query in [
            "",
            "kind=other",
            "kind=problem",
            "kind=problem&code=a&message=b",
            "kind=problem&code=a&shape=round",
            "kind=status",
            "kind=status&http=99",
            "kind=status&http=429&retry_after=%0A",
            "kind=status&http=200&encoding=identity",
            "kind=status&http=200&length=2",
            "kind=hold&when=before",
            "kind=drop",
            "kind=drop&when=never",
            "kind=stall&when=idle",
            "kind=slow&ms=-1",
            "kind=slow&ms=1&when=body",
            "kind=garbage&times=0",
            "kind=garbage&bytes=1",
        ] {
            assert!(Fault::parse_query(query).is_err(), "{query}");
        }
    }
}
