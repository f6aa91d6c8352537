//! Lists come in pages; a user wants the list.

use crate::client::{Client, Sent};
use crate::failure::Failure;
use crate::generated::{Client as Nexus, types};

/// Items of a page: what nexus gives at most.
const PAGE: u32 = 1000;

/// One page of anything.
pub trait Paged {
    /// What is listed.
    type Item;
    /// The items, and where the next page begins.
    fn split(self) -> (Vec<Self::Item>, Option<String>);
}

/// Declares the generated pages as pages.
macro_rules! paged {
    ($($page:ident of $item:ident),+ $(,)?) => { $(
        impl Paged for types::$page {
            type Item = types::$item;
            fn split(self) -> (Vec<types::$item>, Option<String>) { (self.items, self.next_page) }
        }
    )+ };
}

paged! {
    DiskPage of Disk,
    ImagePage of Image,
    InstancePage of Instance,
    JoinTokenPage of JoinToken,
    OperationPage of Operation,
    PoolPage of Pool,
    ProjectPage of Project,
    RoleGrantPage of RoleGrant,
    SagaPage of Saga,
    SledPage of Sled,
    TokenPage of Token,
    UserPage of User,
}

/// Which page to ask for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Items at most.
    pub limit: u32,
    /// Where it begins; `None`: at the beginning.
    pub token: Option<String>,
}

/// A list, and whether there is more of it.
#[derive(Debug)]
pub struct List<T> {
    /// The items.
    pub items: Vec<T>,
    /// It was cut at the limit.
    pub is_cut: bool,
}

impl Client {
    /// Asks for page after page, up to `limit` items; `None`: all.
    pub async fn list<P: Paged>(
        &self,
        limit: Option<usize>,
        call: impl AsyncFn(&Nexus, Wanted) -> Sent<P>,
    ) -> Result<List<P::Item>, Failure> {
        let (mut items, mut token) = (Vec::new(), None);
        loop {
            let left = limit.map(|limit| limit.saturating_sub(items.len()));
            let size = left.and_then(|left| u32::try_from(left).ok()).unwrap_or(PAGE).clamp(1, PAGE);
            let wanted = Wanted { limit: size, token };
            let page = self.look(async |nexus| call(nexus, wanted.clone()).await).await?;
            let (more, next) = page.split();
            items.extend(more);
            token = next;
            let full = limit.is_some_and(|limit| items.len() >= limit);
            if token.is_none() || full {
                return Ok(List { items, is_cut: token.is_some() });
            }
        }
    }
}

/// Optional parameters of the generated requests.
pub trait Given: Sized {
    /// `set`, if there is a value.
    #[must_use]
    fn given<V>(self, value: Option<V>, set: impl FnOnce(Self, V) -> Self) -> Self {
        match value {
            Some(value) => set(self, value),
            None => self,
        }
    }
}

impl<T> Given for T {}
