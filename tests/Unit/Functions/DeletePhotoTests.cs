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

    public void Dispose() => _logged.Dispose();

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

    private FunctionResponse DeleteAll() => Invoke.Handle(Handler.Handle, Invoke.Event("DELETE", "/album"));

    private FunctionResponse Delete(string where, string id)
    {
        JsonObject proxyEvent = Invoke.Event("DELETE", where == "pathParameters" ? "/photos/{id}" : "/photos");
        proxyEvent[where] = new JsonObject { ["id"] = id };
        return Invoke.Handle(Handler.Handle, proxyEvent);
    }
}
