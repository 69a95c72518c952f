import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;

/**
 * What Cisco ISE is built on: Java's TLS with a trust store of one root, Basic only after a challenge, Java's XML
 * parser. Usage: java IseClient.java BASE_URL ROOT_PEM USER PASSWORD MAC
 */
public final class IseClient {
    private final String base;
    private final SSLContext tls;
    private final Authenticator credentials;

    private IseClient(String base, SSLContext tls, Authenticator credentials) {
        this.base = base;
        this.tls = tls;
        this.credentials = credentials;
    }

    public static void main(String[] arguments) throws Exception {
        String user = arguments[2];
        char[] password = arguments[3].toCharArray();
        Authenticator credentials = new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication(user, password);
            }
        };
        IseClient client = new IseClient(arguments[0], trusting(arguments[1]), credentials);
        client.untrusted();
        client.challenged();
        String path = client.testConnection();
        client.lookUp(path, arguments[4]);
        client.lookUpByOldClient(path, arguments[4]);
        client.post(path);
        System.out.println("ok");
    }

    /** A trust store that holds nothing but the exported root. */
    private static SSLContext trusting(String pem) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream file = new FileInputStream(pem)) {
            store.setCertificateEntry("root", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLSv1.2");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private HttpClient modern(SSLContext context, Authenticator authenticator) {
        HttpClient.Builder builder = HttpClient.newBuilder()
            .sslContext(context)
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER);
        return authenticator == null ? builder.build() : builder.authenticator(authenticator).build();
    }

    private void untrusted() throws Exception {
        // Java's own roots do not include the product's.
        HttpClient stranger = modern(SSLContext.getDefault(), credentials);
        try {
            stranger.send(request("/ciscoise/mdminfo").build(), HttpResponse.BodyHandlers.ofString());
        } catch (SSLHandshakeException expected) {
            return;
        }
        throw new IllegalStateException("trusted without the root");
    }

    private void challenged() throws Exception {
        HttpClient silent = modern(tls, null);
        HttpResponse<String> refused =
            silent.send(request("/ciscoise/mdminfo").build(), HttpResponse.BodyHandlers.ofString());
        expect(401, refused.statusCode(), "without credentials");
        String challenge = refused.headers().firstValue("WWW-Authenticate").orElse("");
        if (!challenge.startsWith("Basic realm=")) {
            throw new IllegalStateException("no challenge: " + challenge);
        }
    }

    private String testConnection() throws Exception {
        HttpResponse<String> answer = modern(tls, credentials)
            .send(request("/ciscoise/mdminfo/?ise_api_version=3").build(), HttpResponse.BodyHandlers.ofString());
        expect(200, answer.statusCode(), "mdminfo");
        Document info = parse(answer.body().getBytes("UTF-8"));
        if (!"3".equals(text(info, "api_version"))) {
            throw new IllegalStateException("version " + text(info, "api_version"));
        }
        return text(info, "api_path");
    }

    private void lookUp(String path, String mac) throws Exception {
        HttpClient client = modern(tls, credentials);
        for (int round = 0; round < 20; round++) {
            HttpResponse<String> answer = client.send(
                request(path + "/devices/?paging=0&querycriteria=macaddress&value=" + mac + "&filter=all").build(),
                HttpResponse.BodyHandlers.ofString());
            expect(200, answer.statusCode(), "look-up");
            Document found = parse(answer.body().getBytes("UTF-8"));
            if (!mac.equals(text(found, "macaddress")) || !"true".equals(text(found, "register_status"))) {
                throw new IllegalStateException(answer.body());
            }
        }
    }

    /** HttpsURLConnection, which is older than HttpClient and repeats a request by itself. */
    private void lookUpByOldClient(String path, String mac) throws Exception {
        URI uri = URI.create(base + path + "/devices/?paging=0&querycriteria=macaddress&value=" + mac + "&filter=all");
        HttpsURLConnection connection = (HttpsURLConnection) uri.toURL().openConnection();
        connection.setSSLSocketFactory(tls.getSocketFactory());
        connection.setAuthenticator(credentials);
        expect(200, connection.getResponseCode(), "look-up by HttpsURLConnection");
        try (InputStream body = connection.getInputStream()) {
            if (!mac.equals(text(parse(body.readAllBytes()), "macaddress"))) {
                throw new IllegalStateException("another device");
            }
        }
    }

    /** Nobody has this address, so nothing is wiped; the challenge comes after the body was sent. */
    private void post(String path) throws Exception {
        String body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ise_api><identifier>"
            + "<macaddress>FFFFFFFFFFFE</macaddress></identifier></ise_api>";
        HttpRequest post = request(path + "/action/actionType=corporate_wipe")
            .header("Content-Type", "application/xml")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        HttpResponse<String> answer = modern(tls, credentials).send(post, HttpResponse.BodyHandlers.ofString());
        expect(200, answer.statusCode(), "action");
        Document outcome = parse(answer.body().getBytes("UTF-8"));
        if (!"false".equals(text(outcome, "action_status")) || text(outcome, "failure_reason").isEmpty()) {
            throw new IllegalStateException(answer.body());
        }
    }

    private HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create(base + target));
    }

    private static Document parse(byte[] xml) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(xml));
    }

    private static String text(Document document, String element) {
        return document.getElementsByTagName(element).item(0).getTextContent();
    }

    private static void expect(int status, int seen, String what) {
        if (status != seen) {
            throw new IllegalStateException(what + ": status " + seen);
        }
    }
}
