//! What scenarios share, started when the first of them asks for it and stopped after the last.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::product::{self, Installation, Product};
use crate::work::Work;

/// The binary and the instances of the product that run from it.
pub struct Stage {
    work: Work,
    given: Option<PathBuf>,
    binary: OnceCell<PathBuf>,
    demo: OnceCell<Product>,
    installation: OnceCell<Installation>,
}

impl Stage {
    /// Nothing is built or started yet.
    pub fn new(work: &Work, given: Option<PathBuf>) -> Stage {
        Stage {
            work: work.clone(),
            given,
            binary: OnceCell::new(),
            demo: OnceCell::new(),
            installation: OnceCell::new(),
        }
    }

    /// The binary, built now unless one was given.
    pub fn binary(&self) -> Result<&Path> {
        once(&self.binary, || product::binary(self.given.clone())).map(PathBuf::as_path)
    }

    /// The product with its demonstration data.
    pub fn demo(&self) -> Result<&Product> {
        once(&self.demo, || Product::demo(&self.work, self.binary()?))
    }

    /// The product from nothing.
    pub fn installation(&self) -> Result<&Installation> {
        once(&self.installation, || Installation::start(&self.work, self.binary()?, "installation", None))
    }
}

fn once<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}
