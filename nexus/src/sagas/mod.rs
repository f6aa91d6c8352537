//! Durable work of several steps, one file per saga.
//!
//! ```text
//! instance_create   settle · attach · interfaces · finish            ─┐
//! instance_start    settle · room · reserve · record · link · admit · register · run · finish
//! instance_migrate  settle · room · reserve · give up · link · register · await address · send · finish
//! instance_update   lock · plan · commit · free · look once more      ├─ all under one registry
//! instance_delete   begin again · remove · erase                      │
//! disk_create       settle · clear · make · finish                    │
//! disk_delete       begin again · erase · remove                     ─┘
//! ```
//!
//! Invariants:
//! - Every saga is created in the transaction that wrote what it is about: [`begin`].
//! - Ids and random choices are parameters; every effect is looked for before it is made.
//! - A call to an agent with unknown outcome is taken neither for success nor for absence: the step asks again under
//!   the same request id, or the undo ends for certain what may have begun.
//! - No remote call under the updater lock.
//!
//! Not here: deciding (`berth_plan`), accepting requests (`app`), finding what was missed (`background`).

pub mod begin;
pub mod disk_create;
pub mod disk_delete;
pub mod instance_create;
pub mod instance_delete;
pub mod instance_migrate;
pub mod instance_start;
pub mod instance_update;
pub(crate) mod machine_spec;
mod patience;
mod told;

use berth_saga_store::{DefinitionError, SagaRegistry};

use crate::world::World;

/// Every saga that exists. A saga that isn't here can't be begun.
pub fn registry() -> Result<SagaRegistry<World>, DefinitionError> {
    let mut registry = SagaRegistry::new();
    registry.register::<instance_create::InstanceCreate>()?;
    registry.register::<instance_start::InstanceStart>()?;
    registry.register::<instance_migrate::InstanceMigrate>()?;
    registry.register::<instance_update::InstanceUpdate>()?;
    registry.register::<instance_delete::InstanceDelete>()?;
    registry.register::<disk_create::DiskCreate>()?;
    registry.register::<disk_delete::DiskDelete>()?;
    Ok(registry)
}
