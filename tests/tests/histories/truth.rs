//! What must hold: at each look, and when everything has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use berth_db::check::SETTLE_S;
use berth_sled_agent::hypervisor::simulated::Living;

use crate::cluster::Cluster;
use crate::records::{self, Look};
use crate::user::Users;

/// At any time.
pub async fn always(cluster: &Cluster, look: &mut Look) -> Result<()> {
    for two in two_of_one(&all_living(cluster)?) {
        cluster.journal.wrong(cluster.journal.readable(&two));
    }
    for wrong in look.went_back().await? {
        cluster.journal.wrong(cluster.journal.readable(&wrong));
    }
    for found in look.differences(SETTLE_S).await? {
        let text = format!("{}: {}: {}", found.check, found.subject, found.message);
        cluster.journal.wrong(cluster.journal.readable(&text));
    }
    Ok(())
}

/// At no time do two VMMs of an instance run: looked at after each message, too.
pub fn never_two(cluster: &Cluster) {
    if cluster.journal.is_wrong() {
        return;
    }
    let running =
        cluster.sleds.iter().flat_map(|sled| sled.running().into_iter().map(|living| (sled.number, living)));
    for two in two_of_one(&running.collect::<Vec<_>>()) {
        cluster.journal.wrong(cluster.journal.readable(&two));
    }
}

fn all_living(cluster: &Cluster) -> Result<Vec<(usize, Living)>> {
    let mut all = Vec::new();
    for sled in &cluster.sleds {
        all.extend(sled.living()?.into_iter().map(|living| (sled.number, living)));
    }
    Ok(all)
}

/// Instances with more than one VMM that can write.
fn two_of_one(living: &[(usize, Living)]) -> Vec<String> {
    let mut of_instance: BTreeMap<_, Vec<String>> = BTreeMap::new();
    // A guest that waits to come, or was sent, can't.
    for (sled, living) in living.iter().filter(|(_, living)| living.runs) {
        let one = format!("{} on s{sled}", living.vmm);
        of_instance.entry(living.instance).or_default().push(one);
    }
    let two = of_instance.into_iter().filter(|(_, vmms)| vmms.len() > 1);
    two.map(|(instance, vmms)| format!("instance {instance} runs twice: {}", vmms.join(" and "))).collect()
}

const OPEN: &str = "SELECT 'operation ' || id || ' (' || kind || ') is ' || state || coalesce(', for ' || waiting_for, '')
        FROM operation WHERE ended_at IS NULL
    UNION ALL SELECT 'saga ' || name || ' ' || id || ' is ' || state || ' at ' || owner FROM saga
        WHERE state NOT IN ('done', 'abandoned')
    UNION ALL SELECT 'instance ' || id || ' is locked by ' || updater_id FROM instance WHERE updater_id IS NOT NULL
    UNION ALL SELECT 'instance ' || id || ' is ' || state FROM instance WHERE state IN ('creating', 'disowned')
        OR intent = 'destroyed'
    UNION ALL SELECT 'VMM ' || v.id || ' is ' || v.state || ', and shall end' FROM vmm v
        JOIN instance i ON i.id = v.instance_id WHERE v.ended_by IS NULL AND (v.end_wanted OR i.intent <> 'running')
    UNION ALL SELECT 'VMM ' || id || ' is ' || state FROM vmm
        WHERE ended_by IS NULL AND state IN ('creating', 'stopping', 'rebooting', 'migrating')";

/// What is still to be done; nothing, when everything has come to rest.
pub async fn open(cluster: &Cluster, look: &mut Look) -> Result<Vec<String>> {
    let mut open = look.texts(OPEN).await?;
    open.extend(record_and_reality(cluster, look).await?);
    open.extend(disks(cluster, look).await?);
    open.extend(
        look.differences(0)
            .await?
            .into_iter()
            .map(|found| format!("{}: {}: {}", found.check, found.subject, found.message)),
    );
    Ok(open.iter().map(|line| cluster.journal.readable(line)).collect())
}

/// At rest each running VMM is recorded as the one of its instance, and each recorded one runs.
async fn record_and_reality(cluster: &Cluster, look: &mut Look) -> Result<Vec<String>> {
    let recorded: BTreeSet<(String, String)> = look
        .pairs(
            "SELECT v.id::text, s.name FROM vmm v JOIN sled s ON s.id = v.sled_id
             WHERE v.ended_by IS NULL AND EXISTS (SELECT 1 FROM instance i WHERE i.active_vmm_id = v.id)",
        )
        .await?
        .into_iter()
        .collect();
    let real: BTreeSet<(String, String)> = all_living(cluster)?
        .into_iter()
        .map(|(sled, living)| (living.vmm.to_string(), format!("sled-{sled}")))
        .collect();
    let lies = recorded
        .difference(&real)
        .map(|(vmm, sled)| format!("VMM {vmm} is recorded on {sled}, and isn't there"));
    let leftovers = real
        .difference(&recorded)
        .map(|(vmm, sled)| format!("VMM {vmm} runs on {sled}, and no record says so"));
    Ok(lies.chain(leftovers).collect())
}

/// At rest each disk is the file that its record names, as it was written, and there is no other.
async fn disks(cluster: &Cluster, look: &mut Look) -> Result<Vec<String>> {
    let recorded =
        look.pairs("SELECT name, pool_id::text || '/' || coalesce(file_id, id) || '.raw' FROM disk").await?;
    let mut found: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for sled in &cluster.sleds {
        found.extend(sled.disk_files()?);
    }
    let mut lies = Vec::new();
    for (name, place) in recorded {
        match found.remove(&place) {
            None => lies.push(format!("disk {name} is recorded at {place}, and isn't there")),
            Some(content) if content != records::content(&name) => {
                lies.push(format!("disk {name} at {place} isn't what was written"));
            }
            Some(_) => {}
        }
    }
    lies.extend(found.into_keys().map(|place| format!("file {place} is no disk")));
    Ok(lies)
}

/// Whoever was promised something finds it, and finds that it has ended.
pub async fn promises(cluster: &Cluster, look: &mut Look, users: &Users) -> Result<()> {
    let found: BTreeMap<String, String> =
        look.pairs("SELECT id::text, state FROM operation").await?.into_iter().collect();
    for (operation, wish) in users.accepted() {
        let name = cluster.journal.readable(&operation.to_string());
        match found.get(&operation.to_string()).map(String::as_str) {
            Some("succeeded" | "failed" | "cancelled") => {}
            Some(state) => cluster.journal.wrong(format!("{name} ({wish}) is {state} for ever")),
            None => cluster.journal.wrong(format!("{name} ({wish}) was accepted, and is not there")),
        }
    }
    Ok(())
}
