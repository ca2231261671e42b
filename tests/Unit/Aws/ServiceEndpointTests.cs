using CsCheck;
using Photos.Aws;

namespace Photos.Tests.Unit.Aws;

public sealed class ServiceEndpointTests
{
    /// <summary>Host, port and <c>Host</c> header are those that <see cref="Uri"/> has.</summary>
    [Theory]
    [InlineData("http://localhost:8000")]
    [InlineData("http://localhost:8000/")]
    [InlineData("HTTPS://Dynamodb.EU-Central-1.amazonaws.com")]
    [InlineData("https://dynamodb.eu-central-1.amazonaws.com:443/")]
    [InlineData("http://127.0.0.1:80")]
    [InlineData("http://127.0.0.1:443")]
    [InlineData("https://my_host.local:65535")]
    [InlineData("https://xn--mnchen-3ya.example")]
    [InlineData("http://host:")]
    [InlineData("http://[::1]:4566/")]
    [InlineData("https://[2001:db8::A]")]
    [InlineData("https://[::ffff:192.0.2.1]:8443")]
    public void AUrlIsParsedAsByTheClassUri(string text)
    {
        var url = new Uri(text);

        ServiceEndpoint endpoint = ServiceEndpoint.Parse(text)!;

        Assert.Equal(url.Scheme == "https", endpoint.IsSecure);
        Assert.Equal(url.Port, endpoint.Port);
        Assert.Equal(url.AbsoluteUri, endpoint.Origin + "/");
        Assert.Equal(url.IsDefaultPort ? url.Host : url.Authority, endpoint.Authority);
    }

    [Theory]
    [InlineData("")]
    [InlineData("localhost:8000")]
    [InlineData("ftp://localhost")]
    [InlineData("http:/localhost")]
    [InlineData("http://")]
    [InlineData("http:///")]
    [InlineData("http://:8000")]
    [InlineData("http://localhost:0")]
    [InlineData("http://localhost:65536")]
    [InlineData("http://localhost:-1")]
    [InlineData("http://localhost:8 0")]
    [InlineData("http://localhost:8000:1")]
    [InlineData("http://user@localhost")]
    [InlineData("http://localhost/path")]
    [InlineData("http://localhost?query")]
    [InlineData("http://localhost#fragment")]
    [InlineData("http://local host")]
    [InlineData("http://local\r\nhost")]
    [InlineData("http://münchen.example")]
    [InlineData("http://::1")]
    [InlineData("http://[::1")]
    [InlineData("http://[]")]
    [InlineData("http://[localhost]")]
    [InlineData("http://[::1]8000")]
    [InlineData(" http://localhost")]
    public void AnythingElseIsRefused(string text) => Assert.Null(ServiceEndpoint.Parse(text));

    /// <summary>An endpoint's own URL is parsed to an equal endpoint, whatever it was parsed from.</summary>
    [Fact]
    public void AnyTextIsRefusedOrParsed() =>
        Gen.String[Gen.Char["htps:/@[]%?#.0a-1"], 0, 20].Sample(text =>
        {
            ServiceEndpoint? endpoint = ServiceEndpoint.Parse($"http://{text}");
            return endpoint is null || endpoint == ServiceEndpoint.Parse(endpoint.Origin);
        });
}
