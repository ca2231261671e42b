using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Photos.Net;

namespace Photos.Tests.Unit.Net;

public sealed class ServerTrustTests : IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AServerWhoseChainEndsInARootOfTheFileIsTrusted()
    {
        Issuer root = Issuer.Root("root");

        await AssertTrustedAsync(root.Leaf("localhost"), [], [Issuer.Root("other"), root]);
    }

    [Fact]
    public async Task AServerThatSendsTheIntermediateOfItsChainIsTrusted()
    {
        Issuer root = Issuer.Root("root");
        Issuer intermediate = root.Intermediate("intermediate");

        await AssertTrustedAsync(intermediate.Leaf("localhost"), [intermediate], [root]);
    }

    [Fact]
    public async Task ACrossSignedRootThatTheServerSendsIsFoundInTheFile()
    {
        // AWS's servers do so: an older root has signed Amazon's roots.
        Issuer older = Issuer.Root("older");
        Issuer root = Issuer.Root("root");
        Issuer intermediate = root.Intermediate("intermediate");

        await AssertTrustedAsync(intermediate.Leaf("localhost"), [intermediate, root.SignedBy(older)], [root]);
    }

    [Fact]
    public async Task AServerThatEndsInNoRootOfTheFileIsRefused()
    {
        Issuer root = Issuer.Root("root");

        await AssertRefusedAsync(root.Leaf("localhost"), [], [Issuer.Root("other")]);
        await AssertRefusedAsync(root.Leaf("localhost"), [], []);
    }

    [Fact]
    public async Task ARootWithTheSameNameAndAnotherKeyIsRefused() =>
        await AssertRefusedAsync(Issuer.Root("root").Leaf("localhost"), [], [Issuer.Root("root")]);

    [Fact]
    public async Task ARootThatOnlyTheServerSendsIsRefused()
    {
        Issuer root = Issuer.Root("root");

        await AssertRefusedAsync(root.Leaf("localhost"), [root], [Issuer.Root("other")]);
    }

    [Fact]
    public async Task ACertificateForAnotherHostIsRefused()
    {
        Issuer root = Issuer.Root("root");

        await AssertRefusedAsync(root.Leaf("example.com"), [], [root]);
    }

    [Fact]
    public async Task AnExpiredCertificateIsRefused()
    {
        Issuer root = Issuer.Root("root");

        await AssertRefusedAsync(root.Leaf("localhost", expired: true), [], [root]);
    }

    [Fact]
    public async Task ACertificateForAnotherPurposeIsRefused()
    {
        Issuer root = Issuer.Root("root");

        await AssertRefusedAsync(root.Leaf("localhost", purpose: ClientAuthentication), [], [root]);
    }

    [Fact]
    public async Task AByteOrderMarkBeforeTheFirstRootIsIgnored()
    {
        Issuer root = Issuer.Root("root");
        string file = Path.Combine(_folder.Path, "marked.pem");
        await File.WriteAllTextAsync(
            file, root.Certificate.ExportCertificatePem(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), TestContext.Current.CancellationToken);
        using FakeHttpServer server = Serve(root.Leaf("localhost"), []);

        Assert.Equal(200, Exchange(server, file));
    }

    [Fact]
    public async Task WithoutAFileOnlyTheSystemsRootsAreTrusted()
    {
        using FakeHttpServer server = Serve(Issuer.Root("root").Leaf("localhost"), []);

        Assert.Throws<AuthenticationException>(() => Exchange(server, rootsFile: null));
    }

    private async Task AssertTrustedAsync(X509Certificate2 leaf, Issuer[] sent, Issuer[] roots)
    {
        using FakeHttpServer server = Serve(leaf, sent);

        Assert.Equal(200, Exchange(server, Write(roots)));
    }

    private async Task AssertRefusedAsync(X509Certificate2 leaf, Issuer[] sent, Issuer[] roots)
    {
        using FakeHttpServer server = Serve(leaf, sent);

        Assert.Throws<AuthenticationException>(() => Exchange(server, Write(roots)));
        Assert.Empty(server.Requests);
    }

    private static FakeHttpServer Serve(X509Certificate2 leaf, Issuer[] sent) => new FakeHttpServer(
        (_, _) => ValueTask.FromResult(FakeResponse.Http(200, [], "{}"u8)),
        new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(leaf, [.. sent.Select(issuer => issuer.Certificate)], offline: true),
        });

    private static int Exchange(FakeHttpServer server, string? rootsFile)
    {
        using var connection = new HttpConnection("localhost", server.Port, new ServerTrust(rootsFile), TimeSpan.FromSeconds(20));
        return connection.Exchange("GET / HTTP/1.1\r\n\r\n"u8, default, TestContext.Current.CancellationToken);
    }

    private string Write(Issuer[] roots)
    {
        string file = Path.Combine(_folder.Path, $"{Guid.NewGuid()}.pem");
        File.WriteAllText(file, string.Concat(roots.Select(root => $"# a comment\n{root.Certificate.ExportCertificatePem()}\n")));
        return file;
    }
}
