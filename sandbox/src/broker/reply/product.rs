//! A product in a reply.

use serde::Serialize;

use crate::broker::format::Number;
use crate::broker::product;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    symbol: String,
    security_type: &'static str,
    #[serde(flatten)]
    contract: Option<Contract>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Contract {
    call_put: &'static str,
    expiry_year: i16,
    expiry_month: i8,
    expiry_day: i8,
    strike_price: Number,
    product_id: ProductId,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProductId {
    symbol: String,
    type_code: &'static str,
}

impl From<&product::Product> for Product {
    fn from(product: &product::Product) -> Self {
        let contract = product.contract.map(|contract| Contract {
            call_put: contract.right.name(),
            expiry_year: contract.expiry.year(),
            expiry_month: contract.expiry.month(),
            expiry_day: contract.expiry.day(),
            strike_price: contract.strike.into(),
            product_id: ProductId { symbol: contract.osi_key(&product.symbol), type_code: "OPTION" },
        });
        Self { symbol: product.symbol.clone(), security_type: product.security_type(), contract }
    }
}
