//! What is taken as a configuration, and what isn't.

use super::*;

fn parsed(text: &str) -> Result<Config, String> {
    let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
    match config.fault() {
        None => Ok(config),
        Some((key, fault)) => Err(format!("{key}: {fault}")),
    }
}

const LEAST: &str = "name = \"a\"\nstate_dir = \"/s\"\nrun_dir = \"/r\"\nnexus = [\"https://n:1\"]\n";

#[test]
fn the_example_is_a_configuration_and_so_is_everything_it_comments_out() {
    let example = example().to_string();
    parsed(&example).expect("valid");
    let all: Vec<String> = example
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if rest.contains(" = ") && !rest.starts_with(' ') => rest.to_string(),
            _ => line.to_string(),
        })
        .collect();
    let config = parsed(&all.join("\n")).expect("valid");
    assert_eq!(config.bridge.as_deref(), Some("br0"));
    assert_eq!(config.listen, default_listen());
    assert_eq!(config.image_cache_bytes, default_image_cache_bytes());
    assert_eq!(config.pools[0].capacity_bytes, Some(107_374_182_400));
}

#[test]
fn an_unknown_key_is_refused_wherever_it_is() {
    for extra in [
        "colour = 1\n",
        "[log]\ncolour = 1\n",
        "[[pools]]\nname=\"a\"\nkind=\"local\"\npath=\"/p\"\ncolour=1\n",
    ] {
        let error = parsed(&format!("{LEAST}{extra}")).expect_err("refused");
        assert!(error.contains("colour"), "{error}");
    }
}

#[test]
fn what_cant_work_is_refused_by_its_key() {
    let cases = [
        (LEAST.replace("https://n:1", "http://n:1"), "nexus"),
        (LEAST.replace("[\"https://n:1\"]", "[]"), "nexus"),
        (LEAST.replace("\"/s\"", "\"s\""), "state_dir"),
        (LEAST.replace("\"/r\"", &format!("\"/{}\"", "r".repeat(RUN_DIR_MAX_BYTES))), "run_dir"),
        (format!("{LEAST}listen = \"nowhere\"\n"), "listen"),
        (format!("{LEAST}report_interval_ms = 0\n"), "report_interval_ms"),
        (format!("{LEAST}[[pools]]\nname=\"a\"\nkind=\"local\"\npath=\"p\"\n"), "pools"),
    ];
    for (text, key) in cases {
        let error = parsed(&text).expect_err(key);
        assert!(error.starts_with(key), "{error}");
    }
    parsed(LEAST).expect("the least is enough");
}

#[test]
fn an_address_nobody_can_call_must_be_advertised() {
    let config = parsed(LEAST).expect("valid");
    let unspecified: SocketAddr = "0.0.0.0:1".parse().expect("an address");
    assert!(config.advertised(unspecified).is_err());
    let bound: SocketAddr = "127.0.0.1:1".parse().expect("an address");
    assert_eq!(config.advertised(bound), Ok("https://127.0.0.1:1".to_string()));
    let named = parsed(&format!("{LEAST}advertise = \"h:2\"\n")).expect("valid");
    assert_eq!(named.advertised(unspecified), Ok("https://h:2".to_string()));
}
