//! What happens in the shop while it is being asked.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::traffic::Request;
use crate::demo::world::World;

type Happens = Box<dyn FnMut(&Request, &mut World) + Send>;

/// Set by a test, called at each request.
#[derive(Clone, Default)]
pub(super) struct Meanwhile(Arc<Mutex<Option<Happens>>>);

impl Meanwhile {
    pub(super) fn set(&self, happens: impl FnMut(&Request, &mut World) + Send + 'static) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(happens));
    }

    pub(super) fn happen(&self, request: &Request, world: &mut World) {
        if let Some(happens) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            happens(request, world);
        }
    }
}

impl fmt::Debug for Meanwhile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meanwhile")
    }
}
