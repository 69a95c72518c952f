//! Extractors: the proven scope, and path, query and JSON whose errors speak the face's dialect.

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::Response;
use engine::sign_in::Caller;
use engine::{Error, Scope};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::access::{Face, Refusal};

/// What the guard found out about the caller.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The proven scope; absent only on public routes.
    pub scope: Option<Scope>,
    /// Address and browser.
    pub caller: Caller,
}

impl FromRequestParts<Face> for Visitor {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, face: &Face) -> Result<Self, Response> {
        match parts.extensions.get::<Visitor>() {
            Some(visitor) => Ok(visitor.clone()),
            None => Err((face.refuse)(face, Refusal::SignInFirst, parts)),
        }
    }
}

/// The scope of a route that is not public.
#[derive(Debug, Clone)]
pub struct In(pub Scope);

impl FromRequestParts<Face> for In {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, face: &Face) -> Result<Self, Response> {
        match parts.extensions.get::<Visitor>().and_then(|v| v.scope.clone()) {
            Some(scope) => Ok(In(scope)),
            None => Err((face.refuse)(face, Refusal::SignInFirst, parts)),
        }
    }
}

/// Path parameters; one that cannot be read is an object that does not exist.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Face> for Path<T> {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, face: &Face) -> Result<Self, Response> {
        let found: Result<_, PathRejection> = axum::extract::Path::<T>::from_request_parts(parts, face).await;
        found
            .map(|p| Path(p.0))
            .map_err(|_| (face.refuse)(face, Refusal::Error(Error::NotFound("object")), parts))
    }
}

/// Query parameters; repeated keys are read as lists.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Face> for Query<T> {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, face: &Face) -> Result<Self, Response> {
        axum_extra::extract::Query::<T>::from_request_parts(parts, face).await.map(|q| Query(q.0)).map_err(
            |why| (face.refuse)(face, Refusal::Error(Error::invalid("query", why.body_text())), parts),
        )
    }
}

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Face> for Json<T> {
    type Rejection = Response;
    async fn from_request(request: Request, face: &Face) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let again = Request::from_parts(parts.clone(), body);
        let read: Result<_, JsonRejection> = axum::Json::<T>::from_request(again, face).await;
        read.map(|j| Json(j.0)).map_err(|why| {
            (face.refuse)(face, Refusal::Error(Error::invalid("body", why.body_text())), &parts)
        })
    }
}
