//! A person's alerts.

use serde::Serialize;

use crate::broker::person::{Alert, MOST_ALERTS, Person};
use crate::broker::refusal::Refusal;
use crate::broker::request::Request;

/// How many alerts are listed unless the call says so.
const USUAL: usize = 25;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertsResponse<'a> {
    total_alerts: usize,
    #[serde(rename = "Alert")]
    alerts: Vec<Listed<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    id: u64,
    create_time: i64,
    subject: &'a str,
    status: &'static str,
}

impl Alert {
    fn status(&self) -> &'static str {
        if self.read.is_some() { "READ" } else { "UNREAD" }
    }

    fn category(&self) -> &'static str {
        if self.symbol.is_some() { "STOCK" } else { "ACCOUNT" }
    }
}

impl<'a> AlertsResponse<'a> {
    /// None if there are no such alerts.
    pub fn of(person: &'a Person, request: &Request) -> Result<Option<Self>, Refusal> {
        let count = request.count(USUAL, MOST_ALERTS);
        let is = |name, value: &str| request.parameter(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(value));
        let search = request.parameter("search").unwrap_or_default().to_lowercase();
        let wanted = |alert: &&Alert| {
            is("status", alert.status())
                && is("category", alert.category())
                && alert.subject.to_lowercase().contains(&search)
        };
        let mut alerts: Vec<&Alert> = person.alerts.iter().filter(wanted).collect();
        if !request.parameter("direction").is_some_and(|direction| direction.eq_ignore_ascii_case("ASC")) {
            alerts.reverse();
        }
        let listed = |alert: &&'a Alert| Listed {
            id: alert.id,
            create_time: alert.created,
            subject: &alert.subject,
            status: alert.status(),
        };
        let total_alerts = alerts.len();
        let alerts: Vec<Listed> = alerts.iter().take(count).map(listed).collect();
        Ok((!alerts.is_empty()).then_some(Self { total_alerts, alerts }))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertDetailsResponse<'a> {
    id: u64,
    create_time: i64,
    subject: &'a str,
    msg_text: &'a str,
    read_time: i64,
    delete_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev: Option<String>,
}

impl<'a> AlertDetailsResponse<'a> {
    /// The alert, which counts as read from now on.
    pub fn of(person: &'a mut Person, id: &str, now: i64, request: &Request) -> Result<Self, Refusal> {
        let id: u64 = id.parse().map_err(|_| Refusal::NotFound)?;
        let at = person.alerts.iter().position(|alert| alert.id == id).ok_or(Refusal::NotFound)?;
        person.alerts[at].read.get_or_insert(now);
        let uri = |alert: &Alert| format!("{}/v1/user/alerts/{}", request.base, alert.id);
        let alert = &person.alerts[at];
        Ok(Self {
            id,
            create_time: alert.created,
            subject: &alert.subject,
            msg_text: &alert.text,
            read_time: alert.read.unwrap_or_default(),
            delete_time: 0,
            symbol: alert.symbol.as_deref(),
            next: person.alerts.get(at + 1).map(uri),
            prev: at.checked_sub(1).and_then(|before| person.alerts.get(before)).map(uri),
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteResponse {
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_alerts: Option<FailedAlerts>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FailedAlerts {
    alert_id: Vec<u64>,
}

impl DeleteResponse {
    /// Deletes the alerts whose numbers are listed, with commas between them.
    pub fn of(person: &mut Person, ids: &str) -> Result<Self, Refusal> {
        let ids = ids.split(',').map(|id| id.trim().parse()).collect::<Result<Vec<u64>, _>>();
        let ids = ids.map_err(|_| Refusal::invalid("The numbers of alerts are not valid"))?;
        let is_known = |id: &u64| person.alerts.iter().any(|alert| alert.id == *id);
        let failed: Vec<u64> = ids.iter().copied().filter(|id| !is_known(id)).collect();
        person.alerts.retain(|alert| !ids.contains(&alert.id));
        let result = if failed.is_empty() { "SUCCESS" } else { "ERROR" };
        Ok(Self { result, failed_alerts: (!failed.is_empty()).then_some(FailedAlerts { alert_id: failed }) })
    }
}
