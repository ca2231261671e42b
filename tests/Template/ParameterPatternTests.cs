using System.Text.RegularExpressions;
using Photos.Local.Template;

namespace Photos.Tests.Template;

/// <summary>CloudFormation rejects a value that does not match its parameter's pattern before it changes anything.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html</summary>
public class ParameterPatternTests
{
    private static readonly TemplateNode s_parameters = TemplateSource.Read()["Parameters"];

    [Theory]
    [InlineData("AllowedOrigin", "*", "https://app.example.com", "http://localhost:5173", "http://[::1]:3000", "capacitor://localhost", "ionic://localhost", "chrome-extension://abcdef")]
    [InlineData("MaxPhotoBytes", "1", "9", "26214400", "999999999", "1000000000", "4999999999", "5299999999", "5367999999", "5368709119", "5368709120")]
    [InlineData("TableName", "", "abc", "course.photo_Users-2")]
    [InlineData("BucketName", "", "abc", "our-photos-2")]
    [InlineData("ReservedConcurrency", "", "0", "10", "10000")]
    [InlineData("DomainName", "", "photos.example.com", "example.co.uk", "xn--bcher-kva.example")]
    [InlineData("HostedZoneId", "", "Z1", "Z0123456789ABCDEFGHIJ")]
    [InlineData("BasePath", "", "album", "api/v1", "a.b_c-d/1/2")]
    public void ValidValuesAreAccepted(string parameter, params string[] values) =>
        Assert.All(values, value => Assert.True(Accepts(parameter, value), $"{parameter}={value}"));

    /// <summary>Most of these would be accepted by CloudFormation and then fail in the browser, in API Gateway or when a function
    /// starts.</summary>
    [Theory]
    [InlineData("AllowedOrigin", "", "**", "null", "https://app.example.com/", "https://app.example.com/path", "https://*.example.com", "app.example.com", "https://App.example.com", "https://a.example.com,https://b.example.com", "https://a'b", "https://")]
    [InlineData("MaxPhotoBytes", "", "0", "01", "-1", "1e7", "26214400.0", "25 MiB", "5368709121", "5368709130", "5368710000", "5370000000", "6000000000", "10000000000")]
    [InlineData("TableName", "ab", "photo users", "photos/users", "a123456789012345678901234567890123456789x")]
    [InlineData("BucketName", "ab", "Photos", "our_photos", "-photos", "photos-", "our.photos", "a123456789012345678901234567890123456789x")]
    [InlineData("ReservedConcurrency", "-1", "1e2", "ten")]
    [InlineData("DomainName", "https://photos.example.com", "photos.example.com/", "Photos.example.com", "localhost", "photos..example.com")]
    [InlineData("HostedZoneId", "/hostedzone/Z1", "example.com", "z1")]
    [InlineData("BasePath", "/", "/api", "api/", "api//v1", "a b", "api?v=1")]
    public void InvalidValuesAreRejectedWithASentence(string parameter, params string[] values)
    {
        Assert.All(values, value => Assert.False(Accepts(parameter, value), $"{parameter}={value}"));
        Assert.StartsWith("must be ", s_parameters[parameter]["ConstraintDescription"].Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void EveryDefaultIsAccepted() => Assert.All(
        s_parameters.Entries().Where(parameter => parameter.Value["AllowedPattern"].Exists),
        parameter => Assert.True(Accepts(parameter.Key, parameter.Value["Default"].Text()), parameter.Key));

    /// <summary>A pattern must match the whole value.</summary>
    private static bool Accepts(string parameter, string value) =>
        Regex.IsMatch(value, $@"\A(?:{s_parameters[parameter]["AllowedPattern"].Text()})\z", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
}
