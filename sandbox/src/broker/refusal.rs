//! Why the brokerage refuses a call.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::broker::format::Format;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A call that makes no sense, for this reason.
    Invalid(String),
    AccountKey,
    Funds,
    Shares,
    PreviewAbsent,
    PreviewUnknown,
    ClientOrderIdRepeated,
    OrderClosed,
    Symbol(String),
    NotFound,
}

#[derive(Serialize)]
struct Error {
    code: u32,
    message: String,
}

impl Refusal {
    pub fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid(reason.into())
    }

    pub fn answer(&self, format: Format) -> Response {
        let status = if *self == Self::NotFound { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
        format.answer(status, "Error", &Error { code: self.code(), message: self.message() })
    }

    fn code(&self) -> u32 {
        match self {
            Self::Invalid(_) | Self::PreviewAbsent | Self::PreviewUnknown | Self::ClientOrderIdRepeated => 101,
            Self::AccountKey => 102,
            Self::Funds => 1021,
            Self::Shares => 1037,
            Self::OrderClosed => 5001,
            Self::Symbol(_) => 1002,
            Self::NotFound => 404,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Invalid(reason) => return reason.clone(),
            Self::AccountKey => "Please enter valid account key.",
            Self::Funds => "We cannot accept this order because there are insufficient funds.",
            Self::Shares => "The account does not have enough of what is to be sold or covered.",
            Self::PreviewAbsent => {
                "For your protection, we have timed out your original order request. \
                 If you would like to place this order, please resubmit it now."
            }
            Self::PreviewUnknown => "{com.etrade.api.v1.order.InvalidPreviewId}",
            Self::ClientOrderIdRepeated => "An order with this clientOrderId has been placed in this account.",
            Self::OrderClosed => "The order has been executed, cancelled or rejected, or has expired.",
            Self::Symbol(symbol) => return format!("{symbol} is an invalid symbol"),
            Self::NotFound => "The requested resource does not exist",
        }
        .to_owned()
    }
}
