using System.Text.Json;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Routes;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>A delete of many photos that is interrupted: each photo is deleted or not, and the client learns which it must send again.</summary>
[Collection<FaultyAlbumTests>]
public sealed class DeletionTests(FaultyAlbum album)
{
    private const int Photos = 5;

    /// <summary>Faults that end at once or that the function waits for, of requests that are not carried out.</summary>
    public static TheoryData<string> Faults { get; } =
        [Fault.CutBefore.Name, Fault.Throttled.Name, Fault.Error.Name, Fault.Conflict.Name, Fault.Expired.Name, Fault.LateBefore.Name];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task WhatWasNotReachedIsToBeSentAgain(string name)
    {
        Fault fault = Fault.Quick.Concat(Fault.Slow).Single(one => one.Name == name);
        string user = $"deletion-{Guid.NewGuid()}-";
        AlbumClient client = album.Host.SignIn(user);
        string[] ids = await AddAsync(client);
        album.Intercept(user, (request, forward, cancellationToken) =>
            request.Text.Contains(ids[2], StringComparison.Ordinal) ? fault.Inject(request, forward, cancellationToken) : forward());

        ApiResponse first = await client.DeleteManyAsync(ids);
        await album.ClearFaultsAsync(user);

        AssertDeletions(first, deleted: ids[..2], retry: ids[2..]);
        Assert.Equal(ids[2..].Reverse(), await client.ListAllAsync());
        AssertDeletions(await client.DeleteManyAsync(ids[2..]), deleted: ids[2..], retry: []);
        await AssertGoneAsync(client);
    }

    [Fact]
    public async Task TheDeadlineLeavesTheOthersToBeSentAgain()
    {
        string user = $"deletion-{Guid.NewGuid()}-";
        AlbumClient client = album.Host.SignIn(user);
        string[] ids = await AddAsync(client);
        album.Intercept(user, Fault.Lagging.Inject);

        ApiResponse first = await client.DeleteManyAsync(ids);
        await album.ClearFaultsAsync(user);

        int done = first.Json.GetProperty("deleted").GetArrayLength();
        Assert.InRange(done, 1, Photos - 1);
        AssertDeletions(first, deleted: ids[..done], retry: ids[done..]);
        AssertDeletions(await client.DeleteManyAsync(ids), deleted: ids, retry: []);
        await AssertGoneAsync(client);
    }

    [Fact]
    public async Task AnObjectThatCannotBeDeletedIsLeftToSweepPhoto()
    {
        string user = $"deletion-{Guid.NewGuid()}-";
        AlbumClient client = album.Host.SignIn(user);
        string[] ids = await AddAsync(client);
        album.Intercept(user, (request, forward, cancellationToken) =>
            StorageRequest.Of(request).Operation == "DeleteObject" ? Fault.Throttled.Inject(request, forward, cancellationToken) : forward());

        ApiResponse deleted = await client.DeleteManyAsync(ids);
        await album.ClearFaultsAsync(user);

        AssertDeletions(deleted, deleted: ids, retry: []);
        await AssertGoneAsync(client);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheWholeCallCanBeSentAgainAfterACrash(bool isDone)
    {
        string user = $"deletion-{Guid.NewGuid()}-";
        AlbumClient client = album.Host.SignIn(user);
        string[] ids = await AddAsync(client);
        album.Intercept(user, async (request, forward, _) =>
        {
            bool isThird = request.Text.Contains(ids[2], StringComparison.Ordinal);
            FakeResponse? response = isThird && !isDone ? null : await forward();
            if (isThird)
            {
                await album.KillFunctionsAsync();
            }

            return isThird ? FakeResponse.HangUp : response!;
        });

        ApiResponse failed = await client.DeleteManyAsync(ids);
        await album.ClearFaultsAsync(user);

        Assert.Equal(502, failed.Status);
        AssertDeletions(await client.DeleteManyAsync(ids), deleted: ids, retry: []);
        await AssertGoneAsync(client);
    }

    /// <returns>The ids, oldest first.</returns>
    private static async Task<string[]> AddAsync(AlbumClient client)
    {
        string[] ids = new string[Photos];
        for (int i = 0; i < Photos; i++)
        {
            ids[i] = await client.AddPhotoAsync($"{i}.jpg");
        }

        return [.. ids.Order(StringComparer.Ordinal)];
    }

    private static void AssertDeletions(ApiResponse response, string[] deleted, string[] retry)
    {
        Assert.Equal(200, response.Status);
        Assert.Equal(JsonSerializer.Serialize(new { deleted, notFound = Array.Empty<string>(), retry }), response.Text);
    }

    private async Task AssertGoneAsync(AlbumClient client)
    {
        Assert.Empty(await client.ListAllAsync());
        Assert.Empty(await album.AuditAsync());
    }
}
