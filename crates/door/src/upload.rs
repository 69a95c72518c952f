//! Forms with a file: `multipart/form-data`, read to its end with bounds on everything.

use axum::extract::{FromRequest, Request};
use axum::response::Response;
use engine::Error;
use http::header::CONTENT_TYPE;
use http_body_util::BodyDataStream;
use multer::{Constraints, Multipart, SizeLimit};

use crate::access::{Face, Refusal};
use crate::extract::Visitor;
use crate::form::{FormData, same};

/// Fields besides the file.
const MOST: usize = 50;
/// Bytes of a field besides the file.
const FIELD: u64 = 64 << 10;

/// A posted form with one file of at most `LARGEST` bytes, whose token was right.
#[derive(Debug)]
pub struct Upload<const LARGEST: usize> {
    /// The fields besides the file.
    pub form: FormData,
    /// Name of the file as the browser sent it; empty when none was chosen.
    pub file: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl<const LARGEST: usize> FromRequest<Face> for Upload<LARGEST> {
    type Rejection = Response;
    async fn from_request(request: Request, face: &Face) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let refuse = |refusal| Err((face.refuse)(face, refusal, &parts));
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
        let Ok(boundary) = multer::parse_boundary(kind) else {
            return refuse(Refusal::Error(Error::invalid("body", "This is not a form with a file.")));
        };
        let limit = SizeLimit::new()
            .whole_stream(LARGEST as u64 + (1 << 20))
            .per_field(FIELD)
            .for_field("file", LARGEST as u64);
        let stream = BodyDataStream::new(body);
        let form = Multipart::with_constraints(stream, boundary, Constraints::new().size_limit(limit));
        let upload = match read::<LARGEST>(form).await {
            Ok(upload) => upload,
            Err(why) => return refuse(Refusal::Error(Error::invalid("file", why))),
        };
        let scope = parts.extensions.get::<Visitor>().and_then(|v| v.scope.clone());
        if let Some(token) = scope.as_ref().and_then(engine::Scope::form_token)
            && !same(token.as_bytes(), upload.form.raw("csrf").as_bytes())
        {
            return refuse(Refusal::CrossSite);
        }
        Ok(upload)
    }
}

async fn read<const LARGEST: usize>(mut form: Multipart<'_>) -> Result<Upload<LARGEST>, String> {
    let words = |error: multer::Error| match error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => {
            format!("The file is larger than {} MiB.", LARGEST >> 20)
        }
        _ => "The form did not arrive as a whole. Send it again.".to_owned(),
    };
    let mut fields = Vec::new();
    let (mut file, mut bytes) = (String::new(), Vec::new());
    while let Some(field) = form.next_field().await.map_err(words)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            field.file_name().unwrap_or_default().clone_into(&mut file);
            bytes = field.bytes().await.map_err(words)?.into();
        } else if fields.len() < MOST {
            let value = field.bytes().await.map_err(words)?;
            fields.push((name, String::from_utf8_lossy(&value).into_owned()));
        } else {
            return Err("This form has too many fields.".into());
        }
    }
    Ok(Upload { form: FormData::new(fields), file, bytes })
}
