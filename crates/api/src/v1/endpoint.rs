//! An endpoint is described once; the description registers the handler and writes the OpenAPI document.

use axum::handler::Handler;
use door::{Access, Face, RouteInfo, Routes};
use http::{Method, StatusCode};
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Writes the schema of a type.
pub(super) type Describe = fn(&mut SchemaGenerator) -> Schema;

/// What a successful answer holds.
pub(super) enum Content {
    /// Nothing.
    Empty,
    /// JSON.
    Json(Describe),
    /// Bytes of one of these media types.
    Media(&'static [&'static str]),
}

/// One method of one path.
pub(super) struct Endpoint {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    pub summary: &'static str,
    pub details: &'static str,
    pub query: Option<Describe>,
    pub body: Option<Describe>,
    /// Media types of a body that is not JSON.
    pub takes: &'static [&'static str],
    pub status: StatusCode,
    pub content: Content,
    /// `ETag` goes out, or `If-Match` is understood.
    pub versioned: bool,
    register: Box<dyn FnOnce(Routes) -> Routes>,
}

/// Endpoints of one resource.
pub(super) struct Family {
    pub name: &'static str,
    pub about: &'static str,
    pub endpoints: Vec<Endpoint>,
}

/// Describes an endpoint; without more it answers 204.
pub(super) fn endpoint<H, T>(
    method: Method,
    path: &'static str,
    access: Access,
    handler: H,
    summary: &'static str,
) -> Endpoint
where
    H: Handler<T, Face>,
    T: 'static,
{
    let verb = method.clone();
    Endpoint {
        method,
        path,
        access,
        summary,
        details: "",
        query: None,
        body: None,
        takes: &[],
        status: StatusCode::NO_CONTENT,
        content: Content::Empty,
        versioned: false,
        register: Box::new(move |routes| routes.route(verb, path, access, handler)),
    }
}

impl Endpoint {
    /// Says more than the summary.
    pub(super) fn says(mut self, details: &'static str) -> Self {
        self.details = details;
        self
    }
    /// Takes query parameters.
    pub(super) fn query<T: JsonSchema>(mut self) -> Self {
        self.query = Some(T::json_schema);
        self
    }
    /// Takes a JSON body.
    pub(super) fn body<T: JsonSchema>(mut self) -> Self {
        self.body = Some(SchemaGenerator::subschema_for::<T>);
        self
    }
    /// Takes a body of one of these media types.
    pub(super) fn takes(mut self, media: &'static [&'static str]) -> Self {
        self.takes = media;
        self
    }
    /// Answers 200 with JSON.
    pub(super) fn gives<T: JsonSchema>(mut self) -> Self {
        self.status = StatusCode::OK;
        self.content = Content::Json(SchemaGenerator::subschema_for::<T>);
        self
    }
    /// Answers 201 with JSON and `Location`.
    pub(super) fn creates<T: JsonSchema>(self) -> Self {
        Self { status: StatusCode::CREATED, ..self.gives::<T>() }
    }
    /// Answers 200 with a file.
    pub(super) fn file(mut self, media: &'static [&'static str]) -> Self {
        self.status = StatusCode::OK;
        self.content = Content::Media(media);
        self
    }
    /// Knows versions: `ETag` and `If-Match`.
    pub(super) fn versioned(mut self) -> Self {
        self.versioned = true;
        self
    }
    /// The row of the access matrix.
    pub(super) fn info(&self) -> RouteInfo {
        RouteInfo { method: self.method.clone(), path: self.path, access: self.access }
    }
    /// Registers the handler.
    pub(super) fn register(self, routes: Routes) -> Routes {
        (self.register)(routes)
    }
}
