using System.Text.Json.Nodes;
using Photos.DeletePhoto;

namespace Photos.Tests.Unit.Functions;

public class DeletePhotoTests
{
    private readonly RecordingStorage _storage = new();

    [Theory]
    [InlineData("pathParameters")]
    [InlineData("queryStringParameters")]
    public void DeletesTheObjectThenTheMetadata(string where)
    {
        FunctionResponse response = Delete(where, Invoke.Id);

        Assert.Equal(204, response.Status);
        Assert.Equal("", response.Body);
        Assert.DoesNotContain("Content-Type", response.Headers.Keys);
        Assert.Equal([$"delete object alice {Invoke.Id}", $"delete alice {Invoke.Id}"], _storage.Calls);
    }

    [Fact]
    public void AMissingPhotoIs404()
    {
        _storage.DeleteResult = false;

        Delete("pathParameters", Invoke.Id).AssertError(404, "PhotoNotFound", "There is no photo");
    }

    [Fact]
    public void TheIdIsRequired()
    {
        Invoke.Handle(Handler.Handle, Invoke.Event("DELETE", "/photos")).AssertError(400, "InvalidField", "id ");
        Delete("queryStringParameters", "").AssertError(400, "InvalidField", "id ");
        Assert.Empty(_storage.Calls);
    }

    private DeletePhotoHandler Handler => new(_storage.Table, _storage.Bucket);

    private FunctionResponse Delete(string where, string id)
    {
        JsonObject proxyEvent = Invoke.Event("DELETE", where == "pathParameters" ? "/photos/{id}" : "/photos");
        proxyEvent[where] = new JsonObject { ["id"] = id };
        return Invoke.Handle(Handler.Handle, proxyEvent);
    }
}
