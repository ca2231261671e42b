using System.Text;
using System.Text.Json.Nodes;
using Photos.Album;
using Photos.DeletePhoto;
using Photos.Runtime;

namespace Photos.Tests.Unit.Functions;

public sealed class DeletePhotoTests : IDisposable
{
    private static readonly PhotoId s_newer = PhotoId.Parse("0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7b");

    private readonly RecordingStorage _storage = new();
    private readonly MemoryStream _logged = new();
    private readonly CancellationTokenSource _deadline = new();

    public void Dispose()
    {
        _deadline.Dispose();
        _logged.Dispose();
    }

    [Theory]
    [InlineData("pathParameters")]
    [InlineData("queryStringParameters")]
    public void DeletesTheMetadataThenTheObject(string where)
    {
        FunctionResponse response = Delete(where, Invoke.Id);

        Assert.Equal(204, response.Status);
        Assert.Equal("", response.Body);
        Assert.DoesNotContain("Content-Type", response.Headers.Keys);
        Assert.Equal([$"delete alice {Invoke.Id} until 2026-11-24T12:00:00", $"delete object alice {Invoke.Id}"], _storage.Calls);
    }

    [Fact]
    public void AMissingPhotoIs404()
    {
        _storage.State = PhotoState.None;

        Delete("pathParameters", Invoke.Id).AssertError(404, "PhotoNotFound", "There is no photo");
    }

    [Fact]
    public void ADeletedPhotoIs204Again()
    {
        _storage.State = PhotoState.Deleted;

        Assert.Equal(204, Delete("pathParameters", Invoke.Id).Status);
        Assert.Equal([$"delete alice {Invoke.Id} until 2026-11-24T12:00:00"], _storage.Calls);
    }

    [Fact]
    public void AFailureToDeleteTheObjectIsLoggedOnly()
    {
        _storage.BucketFailure = new PhotoException(PhotoFault.StorageUnavailable, "The storage is unreachable.");

        Assert.Equal(204, Delete("pathParameters", Invoke.Id).Status);
        Assert.Contains("SweepPhoto will delete it", Encoding.UTF8.GetString(_logged.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void TheIdIsRequired()
    {
        Invoke.Handle(Handler.Handle, Invoke.Event("DELETE", "/photos")).AssertError(400, "InvalidField", "id ");
        Delete("queryStringParameters", "").AssertError(400, "InvalidField", "id ");
        Assert.Empty(_storage.Calls);
    }

    [Fact]
    public void ManyPhotosAreDeletedOneAfterTheOther()
    {
        _storage.States.Enqueue(PhotoState.Listed);
        _storage.States.Enqueue(PhotoState.None);
        _storage.States.Enqueue(PhotoState.Deleted);
        _storage.States.Enqueue(PhotoState.Listed);

        FunctionResponse response = DeleteMany(Body(1, 2, 3, 4));

        Assert.Equal(200, response.Status);
        Assert.Equal($$"""{"deleted":["{{Id(1)}}","{{Id(3)}}","{{Id(4)}}"],"notFound":["{{Id(2)}}"],"retry":[]}""", response.Body);
        Assert.Equal(
            [
                $"delete alice {Id(1)} until 2026-11-24T12:00:00",
                $"delete object alice {Id(1)}",
                $"delete alice {Id(2)} until 2026-11-24T12:00:00",
                $"delete alice {Id(3)} until 2026-11-24T12:00:00",
                $"delete alice {Id(4)} until 2026-11-24T12:00:00",
                $"delete object alice {Id(4)}",
            ],
            _storage.Calls);
    }

    [Fact]
    public void ARepeatedIdIsDeletedAndReturnedOnce()
    {
        FunctionResponse response = DeleteMany($$"""{"ids":["{{Id(2)}}","{{Id(1)}}","{{Id(2).ToUpperInvariant()}}"]}""");

        Assert.Equal($$"""{"deleted":["{{Id(2)}}","{{Id(1)}}"],"notFound":[],"retry":[]}""", response.Body);
        Assert.Equal(4, _storage.Calls.Count);
    }

    [Fact]
    public void AHundredIdsAreTakenAndNoMore()
    {
        _storage.State = PhotoState.None;
        int[] hundred = [.. Enumerable.Range(0, 100)];

        Assert.Equal(hundred.Select(Id), DeleteMany(Body(hundred)).Json.GetProperty("notFound").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal(100, _storage.Calls.Count);
        DeleteMany(Body([.. hundred, 0])).AssertError(400, "InvalidField", "ids has more than 100 elements. Send an array of 1 to 100 ids.");
        Assert.Equal(100, _storage.Calls.Count);
    }

    [Fact]
    public void AnUnreachableStorageLeavesTheOthersForARetry()
    {
        _storage.Successes = 3;
        _storage.Failure = new PhotoException(PhotoFault.StorageUnavailable, "The storage is unreachable.");

        FunctionResponse response = DeleteMany(Body(1, 2, 3, 4));

        Assert.Equal(200, response.Status);
        Assert.Equal($$"""{"deleted":["{{Id(1)}}","{{Id(2)}}"],"notFound":[],"retry":["{{Id(3)}}","{{Id(4)}}"]}""", response.Body);
        Assert.Equal(5, _storage.Calls.Count);
        Assert.Contains("Only 2 of 4 photos were reached", Encoding.UTF8.GetString(_logged.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void IfNoPhotoWasReachedTheStatusIs503()
    {
        _storage.Failure = new PhotoException(PhotoFault.StorageUnavailable, "The storage is unreachable.");

        FunctionResponse response = DeleteMany(Body(1, 2));

        response.AssertError(503, "ServiceUnavailable", "The storage is unreachable.");
        Assert.Equal("1", response.Headers["Retry-After"]);
        Assert.Equal([$"delete alice {Id(1)} until 2026-11-24T12:00:00"], _storage.Calls);
    }

    [Fact]
    public void AnErrorThatARetryWouldNotMendIsOneOfTheWholeCall()
    {
        _storage.Successes = 2;
        _storage.Failure = new InvalidDataException("The response is malformed.");

        DeleteMany(Body(1, 2)).AssertError(500, "InternalError", "An internal error occurred.");
    }

    [Fact]
    public void TheDeadlineLeavesTheOthersForARetryWithoutARequest()
    {
        _storage.AfterCall = () =>
        {
            if (_storage.Calls.Count == 2)
            {
                _deadline.Cancel();
            }
        };

        FunctionResponse response = DeleteMany(Body(1, 2, 3));

        Assert.Equal($$"""{"deleted":["{{Id(1)}}"],"notFound":[],"retry":["{{Id(2)}}","{{Id(3)}}"]}""", response.Body);
        Assert.Equal(2, _storage.Calls.Count);
    }

    [Theory]
    [InlineData("", "body ")]
    [InlineData("not json", "body ")]
    [InlineData("[]", "body ")]
    [InlineData("{}", "ids is missing. Send an array of 1 to 100 ids.")]
    [InlineData("""{"ids":null}""", "ids is missing.")]
    [InlineData("""{"ids":[]}""", "ids is empty.")]
    [InlineData($$"""{"ids":"{{Invoke.Id}}"}""", "ids has the wrong JSON type.")]
    [InlineData("""{"ids":{"0":"x"}}""", "ids has the wrong JSON type.")]
    [InlineData("""{"ids":7}""", "ids has the wrong JSON type.")]
    [InlineData("""{"ids":["x"]}""", "ids[0] must be a UUIDv7")]
    [InlineData($$"""{"ids":["{{Invoke.Id}}","{{Invoke.Id}}","{{Invoke.Id}}","../bob/{{Invoke.Id}}"]}""", "ids[3] must be a UUIDv7")]
    [InlineData($$"""{"ids":["{{Invoke.Id}}",null]}""", "ids[1] has the wrong JSON type.")]
    [InlineData($$"""{"ids":["{{Invoke.Id}}",["{{Invoke.Id}}"]]}""", "ids[1] has the wrong JSON type.")]
    [InlineData($$"""{"ids":["{{Invoke.Id}}","\ud800"]}""", "ids[1] has the wrong JSON type.")]
    public void AnInvalidDeletionRequestNamesTheFieldAndDeletesNothing(string body, string messageStart)
    {
        DeleteMany(body).AssertError(400, "InvalidField", messageStart);
        Assert.Empty(_storage.Calls);
    }

    [Fact]
    public void DeletesEachPhotoOfAnAlbumAndItsObject()
    {
        _storage.Undeleted = [PhotoId.Parse(Invoke.Id), s_newer];

        FunctionResponse response = DeleteAll();

        Assert.Equal((204, ""), (response.Status, response.Body));
        Assert.Equal(
            [
                "undeleted alice",
                $"delete alice {Invoke.Id} until 2026-11-24T12:00:00",
                $"delete object alice {Invoke.Id}",
                $"delete alice {s_newer} until 2026-11-24T12:00:00",
                $"delete object alice {s_newer}",
            ],
            _storage.Calls);
    }

    [Fact]
    public void AnEmptyAlbumIs204()
    {
        Assert.Equal(204, DeleteAll().Status);
        Assert.Equal(["undeleted alice"], _storage.Calls);
    }

    [Fact]
    public void AnAlbumOfWhichAnotherCallDeletesThePhotosIs204()
    {
        _storage.Undeleted = [PhotoId.Parse(Invoke.Id)];
        _storage.State = PhotoState.Deleted;

        Assert.Equal(204, DeleteAll().Status);
        Assert.Equal(["undeleted alice", $"delete alice {Invoke.Id} until 2026-11-24T12:00:00"], _storage.Calls);
    }

    [Fact]
    public void AnAlbumThatIsDeletedInPartIs202()
    {
        _storage.Undeleted = FailAfter(PhotoId.Parse(Invoke.Id));

        FunctionResponse response = DeleteAll();

        Assert.Equal((202, """{"remaining":true}"""), (response.Status, response.Body));
        Assert.Equal(4, _storage.Calls.Count);
    }

    [Fact]
    public void AnAlbumOfWhichNothingCouldBeDeletedIs503()
    {
        _storage.Undeleted = FailAfter();

        FunctionResponse response = DeleteAll();

        response.AssertError(503, "ServiceUnavailable", "The storage");
        Assert.Equal("1", response.Headers["Retry-After"]);
    }

    private DeletePhotoHandler Handler => new(_storage.Table, _storage.Bucket, Invoke.Clock, FunctionLog.CreateDefault(_logged));

    /// <summary>Photos, and one that cannot be deleted.</summary>
    private IEnumerable<PhotoId> FailAfter(params PhotoId[] photos)
    {
        foreach (PhotoId photo in photos)
        {
            yield return photo;
        }

        _storage.Failure = new PhotoException(PhotoFault.StorageUnavailable, "The storage is unreachable.");
        yield return s_newer;
    }

    private static string Id(int number) => $"0190a3c2-5f1e-7c4b-9d3a-{number:x12}";

    private static string Body(params int[] numbers) => new JsonObject { ["ids"] = new JsonArray([.. numbers.Select(number => (JsonNode)Id(number))]) }.ToJsonString();

    private FunctionResponse DeleteMany(string body)
    {
        JsonObject proxyEvent = Invoke.Event("POST", "/photos/deletions");
        proxyEvent["body"] = body;
        return Invoke.Handle((request, _) => Handler.Handle(request, _deadline.Token), proxyEvent);
    }

    private FunctionResponse DeleteAll() => Invoke.Handle(Handler.Handle, Invoke.Event("DELETE", "/album"));

    private FunctionResponse Delete(string where, string id)
    {
        JsonObject proxyEvent = Invoke.Event("DELETE", where == "pathParameters" ? "/photos/{id}" : "/photos");
        proxyEvent[where] = new JsonObject { ["id"] = id };
        return Invoke.Handle(Handler.Handle, proxyEvent);
    }
}
