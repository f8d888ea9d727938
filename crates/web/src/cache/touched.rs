//! What was touched after a page was printed, as far as this process has learned.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use newsroom::surrogate::Key;

use super::MadeOf;

/// Keys remembered; who knows more forgets all, and with them every page.
const KEYS_MAX: usize = 20_000;

/// Surrogate keys with the content version of their last change.
#[derive(Default)]
pub(crate) struct Touched(RwLock<Known>);

#[derive(Default)]
struct Known {
    /// The content version up to which everything here is known.
    version: i64,
    /// Pages older than this may be out of date without our knowing.
    floor: i64,
    keys: HashMap<String, i64>,
}

impl Touched {
    /// The content version up to which all keys are known.
    pub(crate) fn version(&self) -> i64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).version
    }

    /// Takes what was touched up to `version`. `lost`: there was more than these.
    pub(crate) fn learn(&self, version: i64, rows: Vec<(String, i64)>, lost: bool) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if version <= known.version {
            return;
        }
        known.version = version;
        known.keys.extend(rows);
        if lost || known.keys.len() > KEYS_MAX {
            known.floor = version;
            known.keys.clear();
        }
    }

    /// Whether nothing that a page of `version` is made of was touched up to `now`.
    pub(super) fn nothing_since(&self, version: i64, made_of: &MadeOf, now: i64) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if known.version < now || version < known.floor {
            return false;
        }
        let untouched = |key: &Key| known.keys.get(key.as_str()).is_none_or(|touched| *touched <= version);
        match made_of {
            MadeOf::Everything => version >= known.version,
            MadeOf::These(keys) => untouched(&Key::everything()) && keys.iter().all(untouched),
        }
    }
}
