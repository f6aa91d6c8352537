//! Storage pools, as whoever makes a disk sees them.

use berth_db::models::PoolUse;
use berth_db::pool;
use berth_nexus_api::Page;
use berth_nexus_api::page::PageQuery;
use berth_nexus_api::pool::Pool;

use super::actor::Actor;
use super::error::{AppError, AppResult};
use super::page::{paging, shown};
use super::unreadable::{amount, name};
use crate::context::Nexus;

/// All pools. Whoever has a token may see them: without their names nobody could choose one.
pub async fn pool_list(nexus: &Nexus, _actor: &Actor, query: PageQuery) -> AppResult<Page<Pool>> {
    let paging = paging(query.limit, query.page_token.as_deref())?;
    let rows = nexus
        .db
        .statement("pool.list", async |conn| Ok::<_, AppError>(pool::list(conn, &paging).await?))
        .await?;
    let page = shown(rows, view);
    Ok(Page { items: page.items.into_iter().collect::<AppResult<_>>()?, next_page: page.next_page })
}

fn view(used: PoolUse) -> AppResult<Pool> {
    let PoolUse { pool, provisioned_bytes, sleds } = used;
    Ok(Pool {
        id: pool.id,
        name: name(&pool.name)?,
        kind: pool.kind,
        capacity_bytes: amount(pool.capacity_bytes),
        used_bytes: amount(provisioned_bytes),
        sleds,
        created_at: pool.created_at,
    })
}
