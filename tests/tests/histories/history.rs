//! One history: from its seed to its end, in a thread, a database and folders of its own.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::chance::Chance;
use crate::cluster::{Cluster, NEXUS, SLEDS};
use crate::course::{Blow, Course, Deed, Mutant, Trouble};
use crate::network::{Place, Weather};
use crate::records::{Database, Look, Records};
use crate::tally::Tally;
use crate::user::Users;
use crate::{thread, truth, turnstile};

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct History {
    pub seed: u64,
    /// What was wrong; empty: everything held.
    pub wrong: Vec<String>,
    pub lines: Vec<String>,
    pub tally: Tally,
}

/// How often everything is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(700);
/// Everything must have come to rest so long after the last trouble.
const REST_WITHIN: Duration = Duration::from_secs(240);

/// What became of migrations.
const MIGRATIONS: &str = "SELECT state FROM operation WHERE kind = 'instance_migrate'";

/// Of 1000 COMMITs, how many a mutant database forgets.
const COMMITS_LOST: u64 = 20;

/// Tells the history of a seed; `change` may make its course another one.
pub fn tell(
    database: &Arc<Database>,
    seed: u64,
    change: impl FnOnce(&mut Course) + Send + 'static,
) -> Result<History> {
    let directory = tempfile::Builder::new().prefix("berth-h").tempdir_in(memory_directory())?;
    let path = Utf8PathBuf::try_from(directory.path().to_owned())?;
    let records = Arc::new(Records::open(database, path.join("db"))?);
    let socket = Records::socket()?;
    // A new thread: nothing of another history is left in its hash seeds or generators.
    let thread = std::thread::Builder::new().name(format!("history {seed}")).spawn(move || {
        thread::simulate(seed);
        turnstile::open(&path.join("db"), socket, Chance::new(seed, "turnstile"));
        let mut course = Course::of(seed);
        change(&mut course);
        berth_sled_agent::blocking::simulate(Duration::from_millis(course.disk_ms));
        let told = runtime().and_then(|runtime| {
            let told = runtime.block_on(awake(run(seed, course, path, records)));
            // What a dead nexus or agent left behind is not waited for.
            runtime.shutdown_background();
            told
        });
        turnstile::close();
        told
    })?;
    thread.join().map_err(|_| anyhow::anyhow!("the history of seed {seed} panicked"))?
}

fn memory_directory() -> std::path::PathBuf {
    let shm = std::path::Path::new("/dev/shm");
    if shm.is_dir() { shm.to_owned() } else { std::env::temp_dir() }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .max_blocking_threads(1)
        .on_thread_park(turnstile::turn)
        .on_thread_unpark(tick)
        .build()?)
}

/// Time has passed, perhaps.
fn tick() {
    BEGAN.with(|began| {
        let began = *began.get_or_init(Instant::now);
        thread::set_elapsed(began.elapsed());
    });
}

thread_local! {
    static BEGAN: std::cell::OnceCell<Instant> = const { std::cell::OnceCell::new() };
}

/// The turnstile wakes it whenever it has let somebody through.
async fn awake<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut work = pin!(work);
    poll_fn(|cx| {
        turnstile::wake_with(cx.waker());
        if turnstile::time_stands_still() {
            let at = thread::elapsed().as_secs_f64();
            let what = "the database is asked again and again, and time stands still";
            return Poll::Ready(Err(anyhow::anyhow!("{what} at {at:.3}")));
        }
        work.as_mut().poll(cx)
    })
    .await
}

async fn run(seed: u64, course: Course, path: Utf8PathBuf, records: Arc<Records>) -> Result<History> {
    tick();
    let began = Instant::now();
    turnstile::new_door()?;
    let mut look = records.look().await?;
    let cluster = Cluster::new(seed, &path, &records, &course)?;
    if course.aloud {
        cluster.journal.aloud();
    }
    cluster.set_faultiness(course.faultiness);
    for number in 0..NEXUS {
        cluster.start_nexus(number).await;
    }
    for number in 0..SLEDS {
        cluster.start_agent(number)?;
    }
    sleep(Duration::from_secs(2)).await;
    cluster.network.set_weather(course.weather);
    if course.mutant == Some(Mutant::CommitsAreLost) {
        turnstile::lie(COMMITS_LOST);
    }
    let users = Arc::new(Users::default());
    let troubles = play(&cluster, &course, &users, &mut look).await?;
    ends(&cluster, troubles, &mut look).await?;
    rest(&cluster, &users, &mut look).await?;
    let wrong = cluster.journal.wrongs();
    let migrations = look.texts(MIGRATIONS).await?;
    let moved = look.texts("SELECT name FROM disk WHERE file_id IS NOT NULL").await?.len();
    Ok(History {
        seed,
        wrong,
        lines: cluster.journal.lines(),
        tally: Tally::of(&cluster, &course, users.accepted().len() as u64, began.elapsed())
            .with_migrations(&migrations, moved),
    })
}

/// Everything of the course, with a look after each step.
async fn play(
    cluster: &Arc<Cluster>,
    course: &Course,
    users: &Arc<Users>,
    look: &mut Look,
) -> Result<JoinSet<()>> {
    let began = Instant::now();
    let mut troubles = JoinSet::new();
    for (number, (at, deed)) in course.deeds.iter().enumerate() {
        let due = began + *at;
        while due > Instant::now() {
            sleep_until(due.min(Instant::now() + LOOK_EVERY)).await;
            if over(cluster, look).await? {
                return Ok(troubles);
            }
        }
        let (cluster, users, deed) = (Arc::clone(cluster), Arc::clone(users), deed.clone());
        troubles.spawn(async move {
            if let Err(error) = happen(&cluster, &users, deed, number).await {
                cluster.journal.wrong(format!("the history itself: {error:#}"));
            }
        });
    }
    Ok(troubles)
}

/// Whatever was begun has ended.
async fn ends(cluster: &Arc<Cluster>, mut troubles: JoinSet<()>, look: &mut Look) -> Result<()> {
    while !troubles.is_empty() {
        // It is looked again, however long the next one takes.
        drop(timeout(LOOK_EVERY, troubles.join_next()).await);
        if over(cluster, look).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Looks; true if something was wrong: there the history ends.
async fn over(cluster: &Cluster, look: &mut Look) -> Result<bool> {
    truth::always(cluster, look).await?;
    Ok(!cluster.journal.wrongs().is_empty())
}

async fn happen(cluster: &Arc<Cluster>, users: &Users, deed: Deed, number: usize) -> Result<()> {
    match deed {
        Deed::Wish { wish, nexus } => users.wish(cluster, wish, nexus).await,
        Deed::Trouble(trouble) => {
            cluster.journal.tell(format!("trouble {number}: {trouble:?}"));
            befall(cluster, trouble).await
        }
    }
}

async fn befall(cluster: &Arc<Cluster>, trouble: Trouble) -> Result<()> {
    let wait = |ms| sleep(Duration::from_millis(ms));
    match trouble {
        Trouble::NexusDies { nexus, back_ms } => {
            if cluster.nexus[nexus].kill() {
                wait(back_ms).await;
                cluster.start_nexus(nexus).await;
            }
        }
        Trouble::NexusHeld { nexus, for_ms } => {
            cluster.nexus[nexus].hold(true);
            wait(for_ms).await;
            cluster.nexus[nexus].hold(false);
        }
        Trouble::AgentDies { sled, back_ms } => {
            if cluster.sleds[sled].agent().is_some() {
                cluster.sleds[sled].kill_agent()?;
                wait(back_ms).await;
                cluster.start_agent(sled)?;
            }
        }
        Trouble::HostReboots { sled, back_ms } => {
            if cluster.sleds[sled].agent().is_some() {
                cluster.sleds[sled].reboot()?;
                wait(back_ms).await;
                cluster.start_agent(sled)?;
            }
        }
        Trouble::SledApart { sled, for_ms, deaf, mute } => {
            for nexus in 0..NEXUS {
                if deaf || !mute {
                    cluster.network.cut(Place::Nexus(nexus), Place::Sled(sled));
                }
                if mute || !deaf {
                    cluster.network.cut(Place::Sled(sled), Place::Nexus(nexus));
                }
            }
            // Who hears and is heard in one direction still reaches other sleds.
            let whole = deaf == mute;
            if whole {
                cluster.roads.cut(cluster.sleds[sled].id, true);
            }
            wait(for_ms).await;
            cluster.network.mend();
            if whole {
                cluster.roads.cut(cluster.sleds[sled].id, false);
            }
        }
        Trouble::Cuts { nexus, for_ms, before, after } => {
            cluster.nexus[nexus].cut_now_and_then(before, after);
            wait(for_ms).await;
            cluster.nexus[nexus].cut_now_and_then(0, 0);
        }
        Trouble::DatabaseAway { for_ms } => {
            turnstile::away(true);
            wait(for_ms).await;
            turnstile::away(false);
        }
        Trouble::GuestFalls { sled, crash } => {
            if let Some(guest) = cluster.sleds[sled].living()?.first() {
                cluster.journal.tell(format!("{} falls", cluster.vmm(guest.vmm)));
                cluster.sleds[sled].befall(guest.vmm, crash)?;
            }
        }
        Trouble::Ambush { target, blow, after_ms, for_ms } => {
            if let Some(sent) = cluster.ambushes.lie_in_wait().await {
                let sled = if target { sent.target } else { sent.source };
                wait(after_ms).await;
                cluster.journal.tell(format!("{blow:?} strikes s{sled}"));
                let agent_dies = |sled| Trouble::AgentDies { sled, back_ms: for_ms };
                let reboots = |sled| Trouble::HostReboots { sled, back_ms: for_ms };
                let troubles = match blow {
                    Blow::AgentDies => vec![agent_dies(sled)],
                    Blow::HostReboots => vec![reboots(sled)],
                    Blow::SledApart => vec![Trouble::SledApart { sled, for_ms, deaf: false, mute: false }],
                    Blow::DatabaseAway => vec![Trouble::DatabaseAway { for_ms }],
                    Blow::BothAgentsDie => vec![agent_dies(sent.source), agent_dies(sent.target)],
                    Blow::BothHostsReboot => vec![reboots(sent.source), reboots(sent.target)],
                    Blow::GuestFalls => {
                        let vmm = if target { sent.to } else { sent.from };
                        let falls = cluster.sleds[sled].living()?.iter().any(|living| living.vmm == vmm);
                        if falls {
                            cluster.sleds[sled].befall(vmm, true)?;
                        }
                        Vec::new()
                    }
                };
                let all = troubles.into_iter().map(|trouble| Box::pin(befall(cluster, trouble)));
                futures::future::try_join_all(all).await?;
            }
        }
    }
    Ok(())
}

/// The troubles end, time goes on, and everything comes to rest.
async fn rest(cluster: &Arc<Cluster>, users: &Users, look: &mut Look) -> Result<()> {
    if !cluster.journal.wrongs().is_empty() {
        return Ok(());
    }
    cluster.network.mend();
    cluster.network.set_weather(Weather::FAIR);
    cluster.set_faultiness(0);
    cluster.journal.tell("the troubles end");
    let until = Instant::now() + REST_WITHIN;
    let mut quiet = 0;
    loop {
        sleep(Duration::from_secs(2)).await;
        if over(cluster, look).await? {
            return Ok(());
        }
        let open = truth::open(cluster, look).await?;
        // Twice in a row: between two sagas nothing is open for a moment.
        quiet = if open.is_empty() { quiet + 1 } else { 0 };
        if quiet == 2 {
            break;
        }
        if Instant::now() >= until {
            for line in open {
                cluster.journal.wrong(format!("no rest: {line}"));
            }
            return Ok(());
        }
    }
    cluster.journal.tell("everything has come to rest");
    truth::promises(cluster, look, users).await.context("looking at the promises")
}
