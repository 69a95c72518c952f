//! Fixtures for tests: private PostgreSQL, temporary stores, clocks.
