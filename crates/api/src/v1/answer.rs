//! What goes out: pages, created objects, versioned objects, and "done".

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub(super) struct Page<T> {
    /// The objects of this page.
    pub items: Vec<T>,
    /// Send it as `cursor` to get the next page; null on the last one.
    pub next: Option<String>,
    /// How many there are in all pages together; null where counting would mean reading everything.
    pub total: Option<usize>,
}

impl<T> Page<T> {
    /// A list that is always answered as a whole.
    pub(super) fn whole(items: Vec<T>) -> Json<Self> {
        let total = Some(items.len());
        Json(Self { items, next: None, total })
    }
}

/// `201` with the address of the new object and the object itself.
pub(super) struct Created<T>(pub String, pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json(self.1)).into_response();
        if let Ok(address) = HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(LOCATION, address);
        }
        response
    }
}

/// An object with its version as `ETag`.
pub(super) struct Versioned<T>(pub i64, pub T);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", self.0)) {
            response.headers_mut().insert(ETAG, tag);
        }
        response
    }
}

/// `204`: it is done, and there is nothing to say.
pub(super) struct Done;

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// A file to be saved.
pub(super) struct File {
    /// Media type.
    pub media: &'static str,
    /// Name to save it as.
    pub name: &'static str,
    /// Content.
    pub bytes: Vec<u8>,
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        let mut response = self.bytes.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media));
        if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{}\"", self.name)) {
            headers.insert(CONTENT_DISPOSITION, name);
        }
        response
    }
}
