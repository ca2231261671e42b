namespace Photos.Tests.Life;

/// <summary>
/// Every order of the storage requests of up to four calls about one id, with any one call cut off, any one change carried out
/// late, and any one record of the stream lost.
/// </summary>
public sealed class LifeTests
{
    private const int LeastStatesOfRenditions = 100_000;

    private const Disturbances Always = Disturbances.TimeToLive | Disturbances.Sweep;

    private static readonly PhotoLife[] s_starts = [PhotoLife.Granted, PhotoLife.Uploaded, PhotoLife.Listed];

    private static readonly Disturbances[] s_disturbances =
    [
        .. from cut in (Disturbances[])[Disturbances.None, Disturbances.CutOff]
           from late in (Disturbances[])[Disturbances.None, Disturbances.LateChange]
           from lost in (Disturbances[])[Disturbances.None, Disturbances.LostRecord]
           select Always | cut | late | lost,
    ];

    /// <summary>
    /// The figures are those of a second model, in Python, which was written first and independently. Its 816 configurations have
    /// 1,302,259 states, or 1,489,797 once the status of an upload depends on the object, as it does here.
    /// It has neither renames nor deletes of all photos.
    /// </summary>
    [Fact]
    public void NoOrderBreaksAPromise()
    {
        LifeSearch[] searches = [.. Search(new Protocol(), Combinations(4).Where(calls => !HasNewerCall(calls)))];

        Assert.Empty(searches.SelectMany(search => search.Broken));
        Assert.Equal(816, searches.Length);
        Assert.Equal(1_489_797, searches.Sum(search => search.States));
    }

    [Fact]
    public void NoOrderWithARenameOrADeleteOfAllBreaksAPromise() =>
        Assert.Empty(Search(new Protocol(), Combinations(4).Where(HasNewerCall)).SelectMany(search => search.Broken));

    /// <summary>SweepPhoto reads the item, and lists and deletes the object later. Meanwhile the photo changes.</summary>
    [Fact]
    public void NoOrderBreaksAPromiseWhenTheRequestsOfASweepAreApart()
    {
        IEnumerable<PhotoCall[]> calls = Combinations(3).Select(some => (PhotoCall[])[.. some, PhotoCall.Sweep]);

        Assert.Empty(Search(new Protocol(), calls).SelectMany(search => search.Broken));
    }

    [Theory]
    [InlineData(nameof(IdsComeBack), "ListedWithoutObject, LostPhoto, SurvivingPhoto")]
    [InlineData(nameof(NoTombstone), "ListedWithoutObject, SurvivingPhoto")]
    [InlineData(nameof(NoHead), "ListedWithoutObject, LostPhoto")]
    [InlineData(nameof(ObjectFirst), "ListedWithoutObject")]
    [InlineData(nameof(SweepOfGrants), "ListedWithoutObject, LostPhoto")]
    [InlineData(nameof(NoSweep), "ObjectWithoutItem")]
    [InlineData(nameof(RenameWithoutItem), "ListedWithoutObject, LostPhoto, SurvivingPhoto")]
    [InlineData(nameof(RenameRevives), "ListedWithoutObject, LostPhoto, SurvivingPhoto")]
    [InlineData(nameof(DeleteOfListed), "SurvivingPhoto")]
    [InlineData(nameof(DeleteOfItem), "ObjectWithoutItem")]
    public void AMistakeInTheProtocolBreaksAPromise(string mistake, string broken)
    {
        Protocol protocol = BrokenProtocols.All.Single(one => one.GetType().Name == mistake);
        IEnumerable<BrokenPromise> found = Search(protocol, Combinations(2)).SelectMany(search => search.Broken.Keys);

        Assert.Equal(broken, string.Join(", ", found.Distinct().Select(promise => $"{promise}").Order(StringComparer.Ordinal)));
    }

    /// <summary>
    /// RenderPhoto runs at any time, and again when it was cut off. When the records are handled, no rendition is left of a photo that
    /// is not listed, and a photo that is ready always has both.
    /// </summary>
    [Fact]
    public void NoOrderLeavesARenditionWithoutAListedPhoto()
    {
        PhotoCall[][] calls =
        [
            [PhotoCall.Render],
            [PhotoCall.Render, PhotoCall.Render],
            [PhotoCall.Upload, PhotoCall.Write, PhotoCall.Render],
            [PhotoCall.Rename, PhotoCall.Delete, PhotoCall.Render],
            [PhotoCall.Write, PhotoCall.Delete, PhotoCall.Render],
            [PhotoCall.Write, PhotoCall.DeleteAll, PhotoCall.Render],
            [PhotoCall.Delete, PhotoCall.Sweep, PhotoCall.Render],
            [PhotoCall.Delete, PhotoCall.Render, PhotoCall.Render],
        ];

        LifeSearch[] searches = [.. SearchRenditions(new Protocol(), calls)];

        Assert.True(searches.All(search => search.Broken.Count == 0), string.Join('\n', searches.SelectMany(search => search.Broken).Take(5)));
        Assert.InRange(searches.Sum(search => search.States), LeastStatesOfRenditions, int.MaxValue);
    }

    [Theory]
    [InlineData(nameof(UpdateWithoutCondition), "RenditionWithoutPhoto")]
    [InlineData(nameof(NoRemoval), "RenditionWithoutPhoto")]
    [InlineData(nameof(UpdateFirst), "ReadyWithoutRenditions, RenditionWithoutPhoto")]
    [InlineData(nameof(RecordDecides), "RenditionWithoutPhoto")]
    [InlineData(nameof(SweepWithoutRenditions), "RenditionWithoutPhoto")]
    [InlineData(nameof(RenderedTombstone), "RenditionWithoutPhoto")]
    public void AMistakeWithRenditionsBreaksAPromise(string mistake, string broken)
    {
        Protocol protocol = BrokenProtocols.OfRenditions.Single(one => one.GetType().Name == mistake);
        IEnumerable<BrokenPromise> found = SearchRenditions(protocol, [[PhotoCall.Delete, PhotoCall.Render]]).SelectMany(search => search.Broken.Keys);

        Assert.Equal(broken, string.Join(", ", found.Distinct().Select(promise => $"{promise}").Order(StringComparer.Ordinal)));
    }

    /// <summary>Whether there is a call that the model in Python does not have.</summary>
    private static bool HasNewerCall(PhotoCall[] calls) => calls.Any(call => call is PhotoCall.Rename or PhotoCall.DeleteAll);

    private static IEnumerable<LifeSearch> SearchRenditions(Protocol protocol, IEnumerable<PhotoCall[]> calls) =>
        from some in calls
        from start in (PhotoLife[])[.. s_starts, PhotoLife.Ready]
        from disturbances in s_disturbances
        select LifeSearch.Run(new LifeModel(protocol, some, disturbances | Disturbances.CutOffAfterChange | Disturbances.LostResponse), start);

    /// <summary>Every choice of up to that many calls.</summary>
    private static IEnumerable<PhotoCall[]> Combinations(int most) => Enumerable.Range(1, most).SelectMany(Schedule.Combinations);

    private static IEnumerable<LifeSearch> Search(Protocol protocol, IEnumerable<PhotoCall[]> calls) =>
        from some in calls
        from start in s_starts
        from disturbances in s_disturbances
        select LifeSearch.Run(new LifeModel(protocol, some, disturbances), start);
}
