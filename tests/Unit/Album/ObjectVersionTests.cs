using Photos.Album;

namespace Photos.Tests.Unit.Album;

public class ObjectVersionTests
{
    [Fact]
    public void ReadsTheVersionsAndDeleteMarkersOfThePrefix() => Assert.Equal(
        [
            new("private/alice/1", "v1", IsLatest: false, IsDeleteMarker: false),
            new("private/alice/10", "v2", IsLatest: true, IsDeleteMarker: false),
            new("private/alice/1", "m1", IsLatest: true, IsDeleteMarker: true),
        ],
        ObjectVersion.ReadAll(
            """
            <ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Prefix>private/alice/1</Prefix>
            <DeleteMarker><Key>private/alice/1</Key><VersionId>m1</VersionId><IsLatest>true</IsLatest></DeleteMarker>
            <Version><Key>private/alice/1</Key><VersionId>v1</VersionId><IsLatest>false</IsLatest><Size>1</Size></Version>
            <Version><Key>private/alice/10</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest></Version>
            <Version><Key>private/alice/2</Key><VersionId>v3</VersionId><IsLatest>true</IsLatest></Version>
            </ListVersionsResult>
            """,
            "private/alice/1"));

    [Theory]
    [InlineData("")]
    [InlineData("<ListVersionsResult/>")]
    [InlineData("<Version>")]
    [InlineData("<Version><Key>private/alice/1</Key></Version>")]
    public void NoVersionsGiveNone(string xml) => Assert.Empty(ObjectVersion.ReadAll(xml, "private/alice/1"));
}
