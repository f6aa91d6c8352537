//! Pages: what a client asks for in the words of `berth_db`, and back. Tokens are opaque to clients.
//!
//! They are not secrets and carry no rights: each page is authorised as the first was.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use berth_db::page::{Page as Rows, Paging};
use berth_nexus_api::Page;
use berth_nexus_api::limits::{PAGE_DEFAULT, PAGE_MAX, TOKEN_TEXT_MAX_BYTES};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::error::{AppError, AppResult};

/// Items of a page, within the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimit(u32);

impl PageLimit {
    /// What a client asked for.
    ///
    /// # Errors
    /// `invalid_request` if it is out of range.
    pub fn of(limit: Option<u32>) -> AppResult<PageLimit> {
        match limit.unwrap_or(PAGE_DEFAULT) {
            limit @ 1..=PAGE_MAX => Ok(PageLimit(limit)),
            other => Err(AppError::invalid(format!("`limit` is {other}; it must be 1 to {PAGE_MAX}"))),
        }
    }

    /// Items at most.
    pub fn items(self) -> u32 {
        self.0
    }

    /// Rows to read for a page whose last item makes the next token.
    pub fn rows(self) -> i64 {
        i64::from(self.0)
    }
}

/// The page that a client asked for.
///
/// # Errors
/// `invalid_request` for a limit out of range, or a token that isn't of this list.
pub fn paging<M: DeserializeOwned>(limit: Option<u32>, token: Option<&str>) -> AppResult<Paging<M>> {
    let after = token.map(read_token).transpose()?;
    Ok(Paging::new(after, PageLimit::of(limit)?.items()))
}

/// A page of rows as a client gets it.
pub fn shown<T, M: Serialize, U>(rows: Rows<T, M>, item: impl FnMut(T) -> U) -> Page<U> {
    let next_page = rows.next.as_ref().and_then(token);
    Page { items: rows.items.into_iter().map(item).collect(), next_page }
}

/// A token for a place.
pub fn token<M: Serialize>(place: &M) -> Option<String> {
    serde_json::to_vec(place).ok().map(|json| URL_SAFE_NO_PAD.encode(json))
}

/// The place in a token.
///
/// # Errors
/// `invalid_request` if it is none of this list.
pub fn read_token<M: DeserializeOwned>(token: &str) -> AppResult<M> {
    let foreign = || AppError::invalid("this token is not of this list; begin again without one");
    if token.len() > TOKEN_TEXT_MAX_BYTES {
        return Err(foreign());
    }
    let json = URL_SAFE_NO_PAD.decode(token).map_err(|_| foreign())?;
    serde_json::from_slice(&json).map_err(|_| foreign())
}

/// The id in a token of a list in the order of ids.
///
/// # Errors
/// `invalid_request` if it is none of such a list.
pub fn id_token(token: Option<&str>) -> AppResult<Option<Uuid>> {
    token.map(read_token).transpose()
}

/// The token after the last of `count` rows; none if the page wasn't full.
pub fn next_id_token(limit: PageLimit, last: Option<Uuid>, count: usize) -> Option<String> {
    let full = i64::try_from(count).is_ok_and(|count| count >= limit.rows());
    last.filter(|_| full).as_ref().and_then(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_place() {
        let place = (7_u64, "x".to_string());
        assert_eq!(read_token::<(u64, String)>(&token(&place).expect("a token")).ok(), Some(place));
    }

    #[test]
    fn a_token_of_another_list_is_refused() {
        let number = token(&7_u64).expect("a token");
        assert!(read_token::<(u64, String)>(&number).is_err());
        for text in ["", "!", "ä", &"A".repeat(TOKEN_TEXT_MAX_BYTES + 1)] {
            assert!(read_token::<u64>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_a_full_page_has_a_next_one() {
        let limit = PageLimit::of(Some(2)).expect("a limit");
        let id = Uuid::new_v4();
        assert_eq!(next_id_token(limit, Some(id), 1), None);
        assert_eq!(next_id_token(limit, None, 0), None);
        let token = next_id_token(limit, Some(id), 2);
        assert_eq!(id_token(token.as_deref()).ok().flatten(), Some(id));
    }

    #[test]
    fn limits_out_of_range_are_refused() {
        assert!(PageLimit::of(Some(0)).is_err());
        assert!(PageLimit::of(Some(PAGE_MAX + 1)).is_err());
        assert_eq!(PageLimit::of(None).ok(), Some(PageLimit(PAGE_DEFAULT)));
    }
}
