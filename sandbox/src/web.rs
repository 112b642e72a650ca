//! The files that the pages share, and the headers that keep a page to itself.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::sandbox::Sandbox;

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! files {
    ($($kind:ident $name:literal),* $(,)?) => {
        [$(($kind, concat!("/sandbox/web/", $name), include_str!(concat!("web/", $name)))),*]
    };
}

const FILES: [(&str, &str, &str); 9] = files![
    CSS "style.css",
    CSS "dashboard.css",
    JAVASCRIPT "copy.js",
    JAVASCRIPT "countdown.js",
    JAVASCRIPT "dashboard.js",
    JAVASCRIPT "element.js",
    JAVASCRIPT "requests.js",
    JAVASCRIPT "time.js",
    JAVASCRIPT "tokens.js",
];

pub fn routes() -> Router<Arc<Sandbox>> {
    FILES.into_iter().fold(Router::new(), |router, (kind, path, content)| {
        router.route(path, get(move || async move { ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], content) }))
    })
}

/// A page whose forms lead nowhere else.
pub fn html(page: &impl Template) -> Response {
    html_for(page, None)
}

/// A page whose form may lead to this address.
pub fn html_for(page: &impl Template, target: Option<&str>) -> Response {
    // The scheme suffices: a host in brackets could not be written here.
    let scheme = target.and_then(|target| target.split_once(':')).map(|(scheme, _)| format!(" {scheme}:"));
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
         base-uri 'none'; frame-ancestors 'none'; form-action 'self'{}",
        scheme.unwrap_or_default()
    );
    let headers = [
        (CONTENT_SECURITY_POLICY, policy.as_str()),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, Html(page.render().expect("nothing in a page fails"))).into_response()
}
