//! The metrics as Prometheus reads them, and the queries of the dashboard and the alerts.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::{Client, http, soon, start};
use drumline::{Config, MetricsConfig, Running, Secret};
use drumline_arena::world::Controls;
use prometheus_parse::{LineInfo, SampleType, Scrape, Value};

const LOCALHOST: &str = "host: localhost\r\n";

/// One scrape.
struct Scraped {
    samples: BTreeMap<String, f64>,
    /// Names as they appear in a query, and their labels.
    labels: BTreeMap<String, BTreeSet<String>>,
}

async fn scrape(server: &Running) -> Scraped {
    let (status, text) = http(server, "GET", "/metrics", LOCALHOST).await;
    assert_eq!(status, 200);
    for line in text.lines().filter(|line| !line.starts_with("# HELP")) {
        match LineInfo::parse(line) {
            LineInfo::Type { sample_type, .. } => assert_ne!(sample_type, SampleType::Untyped, "{line}"),
            LineInfo::Sample { value, .. } => assert!(value.parse::<f64>().is_ok(), "{line}"),
            other => panic!("{line}: {other:?}"),
        }
    }
    let scraped = Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).unwrap();
    let (mut samples, mut labels) = (BTreeMap::new(), BTreeMap::<_, BTreeSet<String>>::new());
    for sample in scraped.samples {
        let mut of_name: BTreeSet<String> = sample.labels.keys().cloned().collect();
        let mut name = sample.metric.clone();
        let value = match sample.value {
            Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value) => value,
            Value::Histogram(buckets) => {
                let counts: Vec<f64> = buckets.iter().map(|bucket| bucket.count).collect();
                assert!(counts.is_sorted(), "{name}: {counts:?}");
                name += "_bucket";
                of_name.insert("le".into());
                *counts.last().unwrap()
            }
            Value::Summary(_) => panic!("there are no summaries"),
        };
        let docs = scraped.docs.keys().any(|documented| name.starts_with(documented.as_str()));
        assert!(docs, "{name} is explained");
        labels.entry(name.clone()).or_default().extend(of_name);
        let key = if sample.labels.is_empty() { name } else { format!("{name}{{{}}}", sample.labels) };
        samples.insert(key, value);
    }
    Scraped { samples, labels }
}

impl Scraped {
    fn get(&self, sample: &str) -> f64 {
        *self.samples.get(sample).unwrap_or_else(|| panic!("{sample} in {:#?}", self.samples))
    }
}

#[tokio::test]
async fn events_are_counted_and_nothing_is_lost_when_a_room_closes() {
    let server = start(&Config::on_free_port());
    let mut client = Client::join(&server, "name=a").await;
    for _ in 0..40 {
        client.update().await;
        client.steer(&Controls::default()).await;
    }
    let (status, _) = http(&server, "GET", "/play/arena?room=nowhere", "").await;
    assert_eq!(status, 404);
    let now = scrape(&server).await;
    for (sample, value) in [
        ("drumline_rooms{game=\"arena\",state=\"open\"}", 1.0),
        ("drumline_rooms{game=\"frontier\",state=\"open\"}", 0.0),
        ("drumline_players{game=\"arena\"}", 1.0),
        ("drumline_joins_total{result=\"joined\"}", 1.0),
        ("drumline_joins_total{result=\"unknown_room\"}", 1.0),
        ("drumline_joins_total{result=\"server_full\"}", 0.0),
        ("drumline_closes_total{cause=\"left\"}", 0.0),
        ("drumline_rooms_opened_total{game=\"arena\"}", 1.0),
        ("drumline_session_tokens", 1.0),
        ("drumline_mirror_mismatches_total{game=\"arena\"}", 0.0),
        ("drumline_panics_total{game=\"arena\"}", 0.0),
        ("drumline_build_info{version=\"0.1.0\"}", 1.0),
    ] {
        assert_eq!(now.get(sample), value, "{sample}");
    }
    assert!(now.get("drumline_connections") >= 1.0);
    assert!(now.get("process_resident_memory_bytes") > 1e6);
    assert_eq!(now.get("drumline_rooms_closed_total{game=\"arena\",reason=\"operator\"}"), 0.0);

    client.update().await;
    let room = server.listing().rooms[0].id.clone();
    server.command(&room, drumline::OperatorCommand::Close).unwrap();
    assert_eq!(client.closed().await.0, 4008);
    drop(client);
    // The last connection closes at one of the next ticks.
    let (after, ticks) = soon(async {
        loop {
            let after = scrape(&server).await;
            let ticks = after.get("drumline_tick_duration_seconds_bucket{game=\"arena\"}");
            let snapshots = after.get("drumline_snapshots_sent_total{game=\"arena\"}");
            assert!(snapshots >= 41.0);
            if ticks > snapshots {
                return (after, ticks);
            }
        }
    })
    .await;
    assert_eq!(after.get("drumline_tick_lateness_seconds_bucket{game=\"arena\"}"), ticks);
    assert_eq!(after.get("drumline_keyframes_total{game=\"arena\"}"), 1.0);
    assert_eq!(after.get("drumline_closes_total{cause=\"room_closed\"}"), 1.0);
    assert_eq!(after.get("drumline_rooms_closed_total{game=\"arena\",reason=\"operator\"}"), 1.0);
    let inputs: f64 = ["accepted", "late"]
        .iter()
        .map(|fate| after.get(&format!("drumline_inputs_total{{fate=\"{fate}\",game=\"arena\"}}")))
        .sum();
    assert!((1.0..=40.0).contains(&inputs), "{inputs} inputs");
    let slacks = after.get("drumline_input_slack_ticks_bucket{game=\"arena\"}");
    assert!((1.0..=inputs).contains(&slacks), "{slacks} of {inputs} inputs were consumed");
    for kind in ["snapshot", "control", "websocket"] {
        assert!(after.get(&format!("drumline_sent_bytes_total{{game=\"arena\",kind=\"{kind}\"}}")) > 50.0);
    }
    for kind in ["input", "control", "websocket"] {
        assert!(
            after.get(&format!("drumline_received_bytes_total{{game=\"arena\",kind=\"{kind}\"}}")) > 10.0
        );
    }
    server.stop();
}

#[tokio::test]
async fn metrics_can_be_switched_off_and_need_access() {
    let off = MetricsConfig { enabled: false, ..MetricsConfig::default() };
    let server = start(&Config { metrics: off, ..Config::on_free_port() });
    assert_eq!(http(&server, "GET", "/metrics", LOCALHOST).await.0, 404);
    server.stop();

    let server = start(&Config::on_free_port());
    let proxies = ["via", "x-real-ip", "cf-connecting-ip", "true-client-ip", "x-forwarded-host", "forwarded"];
    for headers in proxies.map(|name| format!("{LOCALHOST}{name}: 127.0.0.1\r\n")) {
        assert_eq!(http(&server, "GET", "/metrics", &headers).await.0, 403, "{headers}");
    }
    let rebound = "host: rebound.example.org\r\n";
    assert_eq!(http(&server, "GET", "/metrics", rebound).await.0, 403, "a name that was made to lead here");
    assert_eq!(http(&server, "GET", "/metrics", LOCALHOST).await.0, 200);
    server.stop();

    let with_token = MetricsConfig { token: Some(Secret::new("abc".into())), ..MetricsConfig::default() };
    let server = start(&Config { metrics: with_token, ..Config::on_free_port() });
    let forwarded = "x-forwarded-for: 192.0.2.7\r\n";
    let (status, body) = http(&server, "GET", "/metrics", forwarded).await;
    assert!(status == 403 && body.contains("\"forbidden\""), "{status} {body}");
    let with_token = format!("{forwarded}authorization: Bearer abc\r\n");
    assert_eq!(http(&server, "GET", "/metrics", &with_token).await.0, 200);
    server.stop();
}

/// The metrics in an expression, with the labels that it uses of each.
fn asked(expression: &str) -> Vec<(String, BTreeSet<String>)> {
    let is_of_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let mut rest = expression;
    let mut found = Vec::new();
    let mut grouped = BTreeSet::new();
    while let Some(start) = rest.find(is_of_name) {
        let end =
            rest[start..].find(|character| !is_of_name(character)).map_or(rest.len(), |end| start + end);
        let (word, after) = (&rest[start..end], &rest[end..]);
        rest = after;
        if word == "by" {
            let list = after.trim_start().strip_prefix('(').and_then(|list| list.split_once(')')).unwrap().0;
            grouped.extend(list.split(',').map(|label| label.trim().to_owned()));
        } else if word.starts_with("drumline_") || word.starts_with("process_") {
            let matchers = after.strip_prefix('{').and_then(|list| list.split_once('}'));
            let labels = matchers.map_or("", |(list, _)| list).split(',').filter_map(|matcher| {
                matcher.split_once(['=', '!']).map(|(label, _)| label.trim().to_owned())
            });
            found.push((word.to_owned(), labels.collect()));
        }
    }
    // Labels of a grouping apply to each of them.
    found.into_iter().map(|(name, labels): (String, BTreeSet<String>)| (name, &labels | &grouped)).collect()
}

/// All texts under a key in a dashboard.
fn texts<'j>(value: &'j serde_json::Value, key: &str, found: &mut Vec<&'j str>) {
    match value {
        serde_json::Value::Object(object) => {
            found.extend(object.get(key).and_then(|text| text.as_str()));
            object.values().for_each(|value| texts(value, key, found));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| texts(value, key, found)),
        _ => {}
    }
}

#[test]
fn the_names_and_labels_of_an_expression_are_found() {
    let names =
        asked("sum by (game, le) (rate(drumline_a_total{instance=~\"$i\", x!=\"y\"}[5m])) / process_b > 0.1");
    let labels = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect::<BTreeSet<_>>();
    let expected = [
        ("drumline_a_total", labels(&["game", "instance", "le", "x"])),
        ("process_b", labels(&["game", "le"])),
    ];
    assert_eq!(names, expected.map(|(name, labels)| (name.to_owned(), labels)));
}

#[tokio::test]
async fn the_dashboard_and_the_alerts_query_existing_metrics() {
    let server = start(&Config::on_free_port());
    let _client = Client::join(&server, "name=a").await;
    let there = scrape(&server).await;
    server.stop();

    let deploy =
        |file: &str| std::fs::read_to_string(format!("{}/../deploy/{file}", env!("CARGO_MANIFEST_DIR")));
    let dashboard: serde_json::Value = serde_json::from_str(&deploy("grafana.json").unwrap()).unwrap();
    let mut panels = Vec::new();
    texts(&dashboard, "expr", &mut panels);
    let alerts = deploy("alerts.yml").unwrap();
    // From each `expr:` to the next key.
    let alerts: Vec<&str> = alerts
        .split("expr:")
        .skip(1)
        .map(|rule| rule.split("for:").next().unwrap().split("labels:").next().unwrap())
        .collect();
    assert!(panels.len() >= 30 && alerts.len() >= 8, "{} and {}", panels.len(), alerts.len());

    let mut names = BTreeSet::new();
    for expression in panels.iter().chain(&alerts) {
        for (name, labels) in asked(expression) {
            let has = there.labels.get(&name).unwrap_or_else(|| panic!("no {name}, for {expression}"));
            for label in labels {
                // Prometheus adds these two.
                let is_there = has.contains(&label) || label == "instance" || label == "job";
                assert!(is_there, "{name} has no {label}, for {expression}");
            }
            names.insert(name);
        }
    }
    let base = |name: &str| {
        name.trim_end_matches("_bucket").trim_end_matches("_count").trim_end_matches("_sum").to_owned()
    };
    let shown: BTreeSet<String> = names.iter().map(|name| base(name)).collect();
    let ours = there.labels.keys().filter(|name| name.starts_with("drumline_")).map(|name| base(name));
    let forgotten: BTreeSet<String> = ours.filter(|name| !shown.contains(name)).collect();
    let expected = ["drumline_build_info", "drumline_shard_rooms"].map(str::to_owned);
    assert_eq!(forgotten, BTreeSet::from(expected), "what is counted is shown");
}
