//! Things that tests need to be there, made through the real queries where there are some.

use crate::world::World;
use anyhow::{Context, Result};
use berth_common::Name;
use berth_common::ids::{
    BootUuid, GenericUuid, InstanceUuid, JoinTokenUuid, LedgerUuid, PoolUuid, ProjectUuid, SledUuid, UserUuid,
};
use berth_common::sled::Hypervisor;
use berth_common::storage::PoolKind;
use berth_db::models::{Disk, Project, User};
use berth_db::project::NewProject;
use berth_db::sled_join::{Join, Joining};
use berth_db::sled_register::{PoolOffer, Registering, Registration};
use berth_db::{DbError, DbResult, disk, join_token, project, sled_join, sled_register, user};
use berth_plan::quota::Amounts;
use uuid::Uuid;

pub const GIB: u64 = 1 << 30;
pub const QUOTA: Amounts = Amounts { instances: 10, cpus: 40, memory_mib: 4096, disk_bytes: 100 * GIB };

pub fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

impl World {
    pub async fn project(&self, called: &str) -> Result<Project> {
        self.project_with(called, QUOTA).await
    }

    pub async fn project_with(&self, called: &str, quota: Amounts) -> Result<Project> {
        let called = name(called);
        let new = NewProject { id: ProjectUuid::new_v4(), name: &called, description: "", quota };
        Ok(self.db.statement("test", async |conn| project::create(conn, &new).await).await?)
    }

    pub async fn user(&self, called: &str) -> Result<User> {
        let (id, called) = (UserUuid::new_v4(), name(called));
        Ok(self.db.statement("test", async |conn| user::create(conn, id, &called, None).await).await?)
    }

    /// A host that joined, and registered with a local pool of ten gibibytes.
    pub async fn sled(&self, called: &str) -> Result<SledAndPool> {
        let id = self.joined(called).await?;
        let host = SledAndPool {
            sled: id,
            pool: PoolUuid::new_v4(),
            boot: BootUuid::new_v4(),
            ledger: LedgerUuid::new_v4(),
        };
        let called = name("main");
        let answer = self.register(&host.registration(&called)).await?;
        anyhow::ensure!(matches!(answer, Registering::Registered(_)), "{answer:?}");
        Ok(host)
    }

    pub async fn joined(&self, called: &str) -> Result<SledUuid> {
        let called = name(called);
        let (hash, id) = (secret(called.as_str()), SledUuid::new_v4());
        let joining = Joining { token_hash: hash, key_hash: b"key", id, name: &called };
        let answer = self
            .db
            .transaction("test", async |conn| {
                join_token::create(conn, JoinTokenUuid::new_v4(), &hash, "operator", 60).await?;
                sled_join::join(conn, &joining).await
            })
            .await?;
        anyhow::ensure!(matches!(answer, Join::Joined(_)), "{answer:?}");
        Ok(id)
    }

    /// As the reports room does it: rolled back unless it is registered.
    pub async fn register(&self, registration: &Registration<'_>) -> Result<Registering> {
        enum Stop {
            Db(DbError),
            Answer(Registering),
        }
        impl From<DbError> for Stop {
            fn from(error: DbError) -> Self {
                Stop::Db(error)
            }
        }
        impl berth_db::TxnError for Stop {
            fn db_error(&self) -> Option<&DbError> {
                if let Stop::Db(error) = self { Some(error) } else { None }
            }
        }
        let answer = self
            .db
            .transaction("test_register", async |conn| {
                match sled_register::register(conn, registration).await? {
                    registered @ Registering::Registered(_) => Ok(registered),
                    refused => Err(Stop::Answer(refused)),
                }
            })
            .await;
        match answer {
            Ok(answer) | Err(Stop::Answer(answer)) => Ok(answer),
            Err(Stop::Db(error)) => Err(error.into()),
        }
    }

    pub async fn disk(&self, project: &Project, called: &str, pool: PoolUuid) -> Result<Disk> {
        let (called, id) = (name(called), berth_common::ids::DiskUuid::new_v4());
        let new = disk::NewDisk {
            id,
            project: project.id,
            name: &called,
            description: "",
            size_bytes: GIB,
            image: None,
            pool,
        };
        let made = self
            .db
            .transaction("test", async |conn| -> DbResult<_> {
                let disk::DiskCreation::Made(made) = disk::create(conn, &new).await? else { return Ok(None) };
                let state = berth_common::storage::DiskState::Ready;
                disk::set_state(conn, made.id, made.state_gen, state).await?.found()
            })
            .await?;
        made.context("the disk was refused")
    }

    /// An instance as it stands after its creation, stopped, with its quota.
    pub fn instance(&self, project: &Project, called: &str) -> Result<InstanceUuid> {
        let id = InstanceUuid::new_v4();
        self.database.sql(&format!(
            "INSERT INTO instance (id, project_id, name, cpus, memory_mib, intent, state)
                 VALUES ('{id}', '{}', '{called}', 2, 512, 'stopped', 'no_vmm');
             INSERT INTO quota_use VALUES ('{id}', '{}', 'instance', 2, 512, 0)",
            project.id, project.id
        ))?;
        Ok(id)
    }

    /// A linked VMM that runs, with its room.
    pub fn running_vmm(&self, instance: InstanceUuid, host: &SledAndPool) -> Result<Uuid> {
        let id = Uuid::new_v4();
        self.database.sql(&format!(
            "UPDATE instance SET epoch = epoch + 1 WHERE id = '{instance}';
             INSERT INTO vmm (id, instance_id, sled_id, epoch, ledger_id, state)
                 SELECT '{id}', id, '{}', epoch, '{}', 'running' FROM instance WHERE id = '{instance}';
             INSERT INTO reservation VALUES ('{id}', '{}', 2, 512, 'active');
             UPDATE instance SET state = 'vmm', active_vmm_id = '{id}', intent = 'running' WHERE id = '{instance}'",
            host.sled, host.ledger, host.sled
        ))?;
        Ok(id)
    }

    pub fn saga(&self, subject: Uuid, state: &str) -> Result<Uuid> {
        let id = Uuid::new_v4();
        let finished = if matches!(state, "running" | "unwinding") { "NULL" } else { "now()" };
        self.database.sql(&format!(
            "INSERT INTO saga (id, name, version, owner, dag, subject_id, state, finished_at)
             VALUES ('{id}', 'test', 1, gen_random_uuid(), '{{}}', '{subject}', '{state}', {finished})"
        ))?;
        Ok(id)
    }
}

#[derive(Clone, Copy, Debug)]
pub struct SledAndPool {
    pub sled: SledUuid,
    pub pool: PoolUuid,
    pub boot: BootUuid,
    pub ledger: LedgerUuid,
}

impl SledAndPool {
    pub fn registration<'a>(&self, pool_name: &'a Name) -> Registration<'a> {
        Registration {
            sled: self.sled,
            address: "https://10.0.0.1:7001",
            boot: self.boot,
            ledger: self.ledger,
            version: "0.1.0",
            hypervisor: Hypervisor::Simulated,
            cpu_model: "qemu64",
            machine_type: "q35",
            cpus: 8,
            memory_mib: 4096,
            has_bridge: false,
            shutting_down: false,
            pools: vec![PoolOffer {
                id: self.pool,
                name: pool_name,
                kind: PoolKind::Local,
                capacity_bytes: 10 * GIB as i64,
            }],
        }
    }
}

/// A hash as of a secret: different for different texts.
pub fn secret(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    for (index, byte) in text.bytes().enumerate() {
        hash[index % 32] ^= byte.rotate_left(index as u32 / 32);
    }
    hash[31] ^= text.len() as u8;
    hash
}

pub fn raw<K: berth_common::ids::TypedUuidKind>(id: berth_common::ids::TypedUuid<K>) -> Uuid {
    id.into_untyped_uuid()
}
