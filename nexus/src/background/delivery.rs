//! How what was claimed is delivered to sleds: many at once, each by itself, and counted.

use futures::StreamExt;

/// Claimed in one run. What is left is claimed by the next, or by another nexus.
pub(super) const BATCH: i64 = 100;

/// A sled that hangs holds up this many at most.
const AT_ONCE: usize = 32;

/// Delivers each; says how many were taken, or nothing where nothing was due. What wasn't taken is claimed again.
pub(super) async fn deliver_each<D, F>(due: Vec<D>, what: &str, deliver: impl Fn(D) -> F) -> String
where
    F: Future<Output = bool>,
{
    let all = due.len();
    if all == 0 {
        return String::new();
    }
    let delivering = futures::stream::iter(due).map(deliver).buffer_unordered(AT_ONCE);
    let taken = delivering.filter(|taken| std::future::ready(*taken)).count().await;
    format!("{taken} of {all} {what}")
}
