//! The proxy: clients that keep E*TRADE's host names, and hosts that it does not play.

use crate::client::{Pair, Request, get};
use crate::harness::Service;

#[test]
fn a_login_by_etrades_names() {
    let service = Service::start(&["--code", "CODE1"]);
    let ask = |host: &str, request: &Request| {
        let authorization = request.authorization(&service, &format!("https://{host}"));
        let headers = [("Authorization", authorization.as_str()), ("Host", host)];
        service.tunnel(host).ask(request.method, &request.target(), &headers, "").unwrap()
    };
    let post = |path| Request { method: "POST", ..get(path) };
    let pending = ask("api.etrade.com", &Request { callback: Some("oob"), ..post("/oauth/request_token") });
    let pending = Pair::read(&pending.body);
    let exchange = post("/oauth/access_token").with(&pending);
    let access = ask("apisb.etrade.com", &Request { verifier: Some("CODE1"), ..exchange });
    let access = Pair::read(&access.body);
    assert_eq!(ask("api.etrade.com", &get("/v1/accounts/list").with(&access)).status, 200);
    for path in ["/oauth/renew_access_token", "/oauth/revoke_access_token"] {
        assert_eq!(ask("api.etrade.com", &post(path).with(&access)).status, 200, "{path}");
    }
    let record = &service.admin("/sandbox/requests")["requests"][4];
    assert_eq!((&record["scheme"], &record["host"]), (&"https".into(), &"api.etrade.com".into()));
    let page = service.tunnel("us.etrade.com").ask("GET", "/e/t/etws/authorize", &[("Host", "us.etrade.com")], "");
    assert_eq!(page.unwrap().status, 200);
}

#[test]
fn no_other_host_is_reached() {
    let service = Service::start(&[]);
    let elsewhere = Service::start(&[]);
    for host in ["example.com:443", elsewhere.host("url"), service.host("url"), "api.etrade.com:80"] {
        let answer = service.connect().ask("CONNECT", host, &[("Host", host)], "").unwrap();
        assert_eq!(answer.status, 403, "{host}");
        assert!(answer.body.contains(host), "{}", answer.body);
    }
    let answer = service.connect().ask("GET", &format!("http://{}/x", "example.com"), &[], "").unwrap();
    assert_eq!(answer.status, 403);
    assert_eq!(elsewhere.count("requests"), 0);
    let mut tunnel = service.tunnel("api.etrade.com");
    let again = tunnel.ask("CONNECT", "api.etrade.com:443", &[("Host", "api.etrade.com:443")], "").unwrap();
    assert_eq!(again.status, 403);
}
