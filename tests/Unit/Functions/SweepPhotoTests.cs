using System.Text;
using System.Text.Json;
using Photos.Album;
using Photos.Runtime;
using Photos.SweepPhoto;

namespace Photos.Tests.Unit.Functions;

public sealed class SweepPhotoTests : IDisposable
{
    private const string OldGrant = ""","OldImage":{"state":{"S":"granted"},"expires":{"N":"1"}}""";
    private const string OldPhoto = ""","OldImage":{"name":{"S":"a"}}""";
    private const string OldTombstone = ""","OldImage":{"state":{"S":"deleted"},"expires":{"N":"1"}}""";

    private readonly RecordingStorage _storage = new() { State = PhotoState.Deleted };
    private readonly MemoryStream _logged = new();

    public void Dispose() => _logged.Dispose();

    [Theory]
    [InlineData(OldGrant, "")]
    [InlineData(OldPhoto, ", recoverable")]
    [InlineData(OldTombstone, ", recoverable")]
    [InlineData("", ", recoverable")]
    public void OnlyAnUploadThatWasNeverListedIsNotRecoverable(string oldImage, string recoverable)
    {
        Assert.Equal("""{"batchItemFailures":[]}""", Sweep(Record("1", oldImage)));

        Assert.Equal([$"state alice {Invoke.Id}", $"sweep alice {Invoke.Id}{recoverable}"], _storage.Calls);
    }

    [Theory]
    [InlineData(PhotoState.None, true)]
    [InlineData(PhotoState.Deleted, true)]
    [InlineData(PhotoState.Granted, false)]
    [InlineData(PhotoState.Listed, false)]
    [InlineData(PhotoState.Unknown, false)]
    public void TheItemDecides(PhotoState state, bool isSwept)
    {
        _storage.State = state;

        Assert.Equal("""{"batchItemFailures":[]}""", Sweep(Record("1", OldPhoto)));

        Assert.Equal(isSwept ? 2 : 1, _storage.Calls.Count);
    }

    [Fact]
    public void TheFirstFailureEndsTheBatch()
    {
        _storage.BucketFailure = new PhotoException(PhotoFault.StorageUnavailable, "The storage is unreachable.");

        Assert.Equal("""{"batchItemFailures":[{"itemIdentifier":"7"}]}""", Sweep(Record("7", OldPhoto), Record("8", OldPhoto)));

        Assert.Equal(2, _storage.Calls.Count);
        Assert.Contains("Lambda retries the record 7", Encoding.UTF8.GetString(_logged.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":{"S":"../bob"},"photoId":{"S":"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a"}}""")]
    [InlineData("""{"id":{"S":"alice"},"photoId":{"S":"1"}}""")]
    [InlineData("""{"id":{"N":"1"}}""")]
    [InlineData("[]")]
    public void AKeyThatIsNotAPhotosIsSkipped(string keys)
    {
        Assert.Equal(
            """{"batchItemFailures":[]}""",
            Sweep("""{"dynamodb":{"SequenceNumber":"1","Keys":""" + keys + "}}", Record("2", OldGrant)));

        Assert.Equal([$"state alice {Invoke.Id}", $"sweep alice {Invoke.Id}"], _storage.Calls);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"Records":{}}""")]
    [InlineData("""{"Records":[1]}""")]
    [InlineData("""{"Records":[{"dynamodb":{"Keys":{}}}]}""")]
    public void AnotherEventIsAnError(string payload) => Assert.Throws<JsonException>(() => SweepEvent(payload));

    private static string Record(string sequenceNumber, string oldImage) =>
        """{"eventName":"MODIFY","dynamodb":{"SequenceNumber":"SEQUENCE","Keys":{"id":{"S":"alice"},"photoId":{"S":"ID"}}OLD}}"""
            .Replace("SEQUENCE", sequenceNumber, StringComparison.Ordinal)
            .Replace("ID", Invoke.Id, StringComparison.Ordinal)
            .Replace("OLD", oldImage, StringComparison.Ordinal);

    private string Sweep(params string[] records) => SweepEvent($$"""{"Records":[{{string.Join(',', records)}}]}""");

    private string SweepEvent(string payload)
    {
        var response = new ResponseBuffer();
        var handler = new SweepPhotoHandler(_storage.Table, _storage.Bucket);
        new StreamFunction(handler.Handle, FunctionLog.CreateDefault(_logged)).Invoke(new Invocation { RequestId = "1", Payload = Encoding.UTF8.GetBytes(payload) }, response, CancellationToken.None);
        return Encoding.UTF8.GetString(response.Written.Span);
    }
}
