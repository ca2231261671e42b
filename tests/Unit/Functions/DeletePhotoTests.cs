using System.Text;
using System.Text.Json.Nodes;
using Photos.Album;
using Photos.DeletePhoto;
using Photos.Runtime;

namespace Photos.Tests.Unit.Functions;

public sealed class DeletePhotoTests : IDisposable
{
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

    private DeletePhotoHandler Handler => new(_storage.Table, _storage.Bucket, Invoke.Clock, FunctionLog.CreateDefault(_logged));

    private FunctionResponse Delete(string where, string id)
    {
        JsonObject proxyEvent = Invoke.Event("DELETE", where == "pathParameters" ? "/photos/{id}" : "/photos");
        proxyEvent[where] = new JsonObject { ["id"] = id };
        return Invoke.Handle(Handler.Handle, proxyEvent);
    }
}
