use super::{
    super::{fixture, parse},
    *,
};

#[test]
fn a_summary_reads_back_as_itself() {
    for summary in [fixture::summary(), fixture::k6_summary()] {
        let text = to_json(&summary);
        assert_eq!(parse(&text, "test").expect("own files are readable"), summary);
    }
}

#[test]
fn numbers_look_like_javascripts() {
    let text = to_json(&fixture::k6_summary());
    assert!(text.contains("\"testRunDurationMs\": 2000\n"), "{text}");
    assert!(text.contains("\"avg\": 22.4789,"), "{text}");
    assert!(text.ends_with("}\n"));
}

#[test]
fn export_has_k6s_older_schema() {
    let mut summary = fixture::k6_summary();
    summary.metrics.retain(|name, _| name.starts_with("http_req_failed") || name == "vus");
    insta::assert_snapshot!(export(&summary), @r#"
    {
        "metrics": {
            "http_req_failed": {
                "fails": 6,
                "passes": 2,
                "value": 0.25,
                "thresholds": {
                    "rate<0.01": true
                }
            },
            "vus": {
                "max": 10,
                "min": 1,
                "value": 10
            }
        },
        "root_group": {
            "name": "",
            "path": "",
            "id": "id of ",
            "groups": {
                "pages": {
                    "name": "pages",
                    "path": "::pages",
                    "id": "id of pages",
                    "groups": {},
                    "checks": {
                        "title": {
                            "name": "title",
                            "path": "::title",
                            "id": "id of title",
                            "passes": 5,
                            "fails": 0
                        }
                    }
                }
            },
            "checks": {
                "status": {
                    "name": "status",
                    "path": "::status",
                    "id": "id of status",
                    "passes": 8,
                    "fails": 2
                }
            }
        }
    }
    "#);
}

#[test]
fn export_is_indented_by_four_and_keeps_setup_data() {
    let mut summary = fixture::k6_summary();
    summary.setup_data = Some(serde_json::json!({ "token": "abc" }));
    let text = export(&summary);
    assert!(text.starts_with("{\n    \"metrics\": {\n        \"checks\": {\n"), "{text}");
    assert!(text.contains("    \"setup_data\": {\n        \"token\": \"abc\"\n    }"), "{text}");
    assert!(!text.ends_with('\n'));
}
