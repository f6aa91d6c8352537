//! The systemd units: what must hold of them so that guests outlive the agent, and end with the host.

use std::process::Command;

use crate::process::PROGRAM;

/// (section, key, value), in order.
type Lines = Vec<(String, String, String)>;

fn path_of(room: &str, unit: &str) -> String {
    format!("{}/../{room}/systemd/{unit}.service", env!("CARGO_MANIFEST_DIR"))
}

fn unit(room: &str, unit: &str) -> Lines {
    let text = std::fs::read_to_string(path_of(room, unit)).expect("a unit");
    let mut section = String::new();
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(name) => section = name.to_string(),
            None => {
                let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{unit}: {line:?}"));
                lines.push((section.clone(), key.to_string(), value.to_string()));
            }
        }
    }
    lines
}

fn value<'a>(lines: &'a Lines, section: &str, key: &str) -> Option<&'a str> {
    let mut found = lines.iter().filter(|(of, name, _)| of == section && name == key);
    let value = found.next().map(|(_, _, value)| value.as_str());
    assert!(found.next().is_none(), "{section}.{key} stands there twice");
    value
}

fn seconds(lines: &Lines, key: &str) -> u64 {
    value(lines, "Service", key).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no {key}"))
}

#[test]
fn stopping_the_agents_unit_signals_the_agent_alone_and_keeps_what_shims_need() {
    let agent = unit("sled-agent", "berth-sled-agent");
    assert_eq!(value(&agent, "Service", "KillMode"), Some("process"));
    assert_eq!(value(&agent, "Service", "ExecStop"), None, "a restart must end no guest");
    assert_eq!(value(&agent, "Service", "RuntimeDirectoryPreserve"), Some("yes"));
    assert_eq!(value(&agent, "Service", "OOMPolicy"), Some("continue"));
    for inherited in ["PrivateTmp", "ProtectSystem", "PrivateDevices", "PrivateNetwork"] {
        assert_eq!(value(&agent, "Service", inherited), None, "shims would inherit {inherited}");
    }
}

#[test]
fn the_hosts_shutdown_runs_while_agent_network_and_file_systems_are_up_and_needs_none_of_them() {
    let host = unit("sled-agent", "berth-host-shutdown");
    let after: Vec<&str> = value(&host, "Unit", "After").unwrap_or_default().split(' ').collect();
    for needed in ["berth-sled-agent.service", "network-online.target", "local-fs.target", "remote-fs.target"]
    {
        assert!(after.contains(&needed), "stopped before {needed} is: {after:?}");
    }
    for tie in ["Requires", "BindsTo", "PartOf", "Requisite", "PropagatesStopTo", "StopPropagatedFrom"] {
        assert_eq!(value(&host, "Unit", tie), None, "a restart of the agent would end all guests by {tie}");
    }
    assert_ne!(value(&host, "Unit", "DefaultDependencies"), Some("no"), "it conflicts with shutdown.target");
    assert_eq!(value(&host, "Unit", "RefuseManualStop"), Some("yes"));
    assert_eq!(value(&host, "Service", "RemainAfterExit"), Some("yes"), "else there is nothing to stop");
    let stop = value(&host, "Service", "ExecStop").unwrap_or_default();
    let deadline = stop.split_once("--deadline ").and_then(|(_, text)| text.parse::<u64>().ok());
    assert!(seconds(&host, "TimeoutStopSec") >= deadline.expect("a deadline") + 20, "the program keeps it");
    for lines in [&host, &unit("sled-agent", "berth-sled-agent"), &unit("nexus", "berth-nexus")] {
        assert_eq!(value(lines, "Install", "WantedBy"), Some("multi-user.target"));
    }
}

#[test]
fn a_unit_asks_only_for_what_its_program_understands() {
    let units = [unit("sled-agent", "berth-sled-agent"), unit("sled-agent", "berth-host-shutdown")];
    let commands = units.iter().flatten().filter(|(_, key, value)| {
        matches!(key.as_str(), "ExecStart" | "ExecStop") && value.starts_with("/usr/bin/sled-agent ")
    });
    let mut count = 0;
    for (_, _, command) in commands {
        count += 1;
        // Help is printed once everything before it was understood.
        let arguments = command.split(' ').skip(1).chain(["--help"]);
        let output = Command::new(PROGRAM).args(arguments).output().expect("it runs");
        assert!(output.status.success(), "{command}: {output:?}");
        let first: Vec<&str> = command.split(' ').take(2).collect();
        assert!(String::from_utf8_lossy(&output.stdout).contains(first[1]), "{command}: {output:?}");
    }
    assert_eq!(count, 2);
}

#[test]
fn systemd_itself_finds_nothing_wrong_where_it_is_there_to_be_asked() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut paths = Vec::new();
    for (room, unit) in
        [("sled-agent", "berth-sled-agent"), ("sled-agent", "berth-host-shutdown"), ("nexus", "berth-nexus")]
    {
        let text = std::fs::read_to_string(path_of(room, unit)).expect("a unit");
        // It looks whether the programs are there, and whether the user is.
        let text = text
            .replace("/usr/bin/sled-agent", PROGRAM)
            .replace("/usr/bin/nexus", PROGRAM)
            .replace("User=berth", "User=daemon")
            .replace("Group=berth", "Group=daemon");
        let path = dir.path().join(format!("{unit}.service"));
        std::fs::write(&path, text).expect("written");
        paths.push(path);
    }
    let asked = Command::new("systemd-analyze").arg("verify").arg("--man=no").args(&paths).output();
    let Ok(output) = asked else {
        eprintln!("systemd-analyze isn't here: only the other tests speak");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let about_ours: Vec<&str> = said.lines().filter(|line| line.contains("berth-")).collect();
    assert!(output.status.success() && about_ours.is_empty(), "{said}");
}
