using System.Runtime.InteropServices;
using Photos.Album;

namespace Photos.Tests.Life;

/// <summary>What may happen in addition to the requests of the calls: at most one of each, except for the first two.</summary>
[Flags]
internal enum Disturbances
{
    None = 0,

    /// <summary>Time to live removes an item that is not listed.</summary>
    TimeToLive = 1,

    /// <summary>SweepPhoto handles a record at any time, and possibly again, all of its requests at once.</summary>
    Sweep = 2,

    /// <summary>A record of the stream is lost.</summary>
    LostRecord = 4,

    /// <summary>A call is cut off before one of its requests.</summary>
    CutOff = 8,

    /// <summary>A call is cut off after a change, before it has the response.</summary>
    CutOffAfterChange = 16,

    /// <summary>A change is carried out after the call has given up, or once more after it has succeeded.</summary>
    LateChange = 32,

    /// <summary>The response to a change is lost, so the function sends the request again.</summary>
    LostResponse = 64,
}

internal enum MoveKind
{
    Step,
    StepAndLateRepeat,
    GiveUp,
    LoseResponse,
    CutOff,
    StepAndCutOff,
    LateRequest,
    TimeToLive,
    Sweep,
    SweepToComeAgain,
    LoseRecord,
}

/// <summary>Something that happens.</summary>
/// <param name="Kind">What.</param>
/// <param name="Actor">The number of the call; a higher one for what is not a call's.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Move(MoveKind Kind, int Actor)
{
    /// <summary>What happens, for messages.</summary>
    /// <param name="calls">The calls.</param>
    /// <param name="before">The state before it.</param>
    public string Describe(IReadOnlyList<PhotoCall> calls, LifeState before)
    {
        if (Actor >= calls.Count)
        {
            return Kind == MoveKind.LateRequest
                ? $"late {before.Late.Call}.{Protocol.RequestName(before.Late.Call, before.Late.Step)}"
                : $"{Kind}";
        }

        string request = $"{calls[Actor]}{Actor}.{Protocol.RequestName(calls[Actor], before.Places[Actor].Value)}";
        return Kind == MoveKind.Step ? request : $"{request} ({Kind})";
    }
}

internal enum BrokenPromise
{
    LostPhoto,
    SurvivingPhoto,
    ListedWithoutObject,
    ObjectWithoutItem,
    ReadyWithoutRenditions,
    RenditionWithoutPhoto,
}

/// <summary>Everything that can happen to a photo while some calls about it run.</summary>
/// <param name="protocol">What the calls do.</param>
/// <param name="calls">The calls. One of them may be a sweep whose requests are apart; it begins when there is a record. RenderPhoto may begin at any time.</param>
/// <param name="allowed">What else may happen.</param>
internal sealed class LifeModel(Protocol protocol, IReadOnlyList<PhotoCall> calls, Disturbances allowed)
{
    private const int OtherActor = 4;

    public IReadOnlyList<PhotoCall> Calls => calls;

    public static LifeState Begin(PhotoLife start) => default(LifeState) with { Life = start };

    /// <summary>What can happen next.</summary>
    public IEnumerable<(Move Move, LifeState After)> Moves(LifeState state)
    {
        for (int call = 0; call < calls.Count; call++)
        {
            if (IsLive(state, call))
            {
                foreach ((Move, LifeState) move in MovesOf(call, state))
                {
                    yield return move;
                }
            }
        }

        if (state.Late.Stage == LateStage.Due)
        {
            PhotoLife after = protocol.Step(state.Late.Call, state.Late.Step, state.Life).After;
            yield return (new Move(MoveKind.LateRequest, OtherActor), Change(state, after) with { Late = state.Late.Done() });
        }

        if (allowed.HasFlag(Disturbances.TimeToLive) && state.Life.Item is (PhotoState.Granted or PhotoState.Deleted) && !IsUploading(state) && !IsRendering(state))
        {
            yield return (new Move(MoveKind.TimeToLive, OtherActor + 1), Change(state, state.Life with { Item = PhotoState.None }));
        }

        if (allowed.HasFlag(Disturbances.Sweep) && state.Records > 0)
        {
            LifeState swept = state with { Life = protocol.Sweep(state.Life) };
            yield return (new Move(MoveKind.Sweep, OtherActor + 2), swept with { Records = swept.Records - 1 });
            yield return (new Move(MoveKind.SweepToComeAgain, OtherActor + 2), swept);
            if (allowed.HasFlag(Disturbances.LostRecord) && !state.HasLostRecord)
            {
                yield return (new Move(MoveKind.LoseRecord, OtherActor + 2), state with { Records = state.Records - 1, HasLostRecord = true });
            }
        }
    }

    /// <summary>The promise that is broken; <see langword="null"/> if none is.</summary>
    public BrokenPromise? Check(LifeState state)
    {
        bool isDeleting = (state.Late.Stage != LateStage.None && IsDelete(state.Late.Call))
            || AnyCall(call => IsDelete(calls[call]) && state.Places[call] != Progress.To(0));
        if (state.IsAcknowledged && !isDeleting && state.Life is not { Item: PhotoState.Listed, HasObject: true })
        {
            return BrokenPromise.LostPhoto;
        }

        // Every photo of the model was granted before the first call.
        if (state.Life.Item is (PhotoState.Granted or PhotoState.Listed) && AnyCall(call => calls[call] == PhotoCall.DeleteAll && state.Places[call] == Progress.End(204)))
        {
            return BrokenPromise.SurvivingPhoto;
        }

        if (state.Life.Item == PhotoState.Listed && !state.Life.HasObject)
        {
            return BrokenPromise.ListedWithoutObject;
        }

        if (state.Life is { Item: PhotoState.Listed, Rendered: Rendered.Ready, Renditions: not Renditions.Both })
        {
            return BrokenPromise.ReadyWithoutRenditions;
        }

        // A lost record leaves an object for the audit to find.
        bool isAtRest = state.Late.Stage != LateStage.Due && state.Records == 0 && !AnyCall(call => IsLive(state, call));
        return !isAtRest || state.HasLostRecord ? null
            : state.Life is { Item: PhotoState.None, HasObject: true } ? BrokenPromise.ObjectWithoutItem
            : HasForeignRenditions(state) ? BrokenPromise.RenditionWithoutPhoto
            : null;
    }

    /// <summary>What is stored late of a deleted photo stays until the tombstone expires, and SweepPhoto gets another record.</summary>
    private static bool HasForeignRenditions(LifeState state) => state.Life.Renditions != Renditions.None
        && (state.Life.Item == PhotoState.None || (state.Life.Item != PhotoState.Listed && state.Late.Stage == LateStage.None));

    /// <summary>Whether every call has ended, and nothing is to be carried out late.</summary>
    public bool IsOver(LifeState state) =>
        state.Late.Stage != LateStage.Due && !AnyCall(call => !state.Places[call].IsOver);

    private static bool IsDelete(PhotoCall call) => call is PhotoCall.Delete or PhotoCall.DeleteAll;

    private static bool IsSuccessOfWrite(PhotoCall call, Progress progress) => call == PhotoCall.Write && progress.Value is (200 or 201);

    private static LifeState Change(LifeState state, PhotoLife after)
    {
        bool isRecorded = after.Item != state.Life.Item && after.Item is (PhotoState.Deleted or PhotoState.None);
        return state with { Life = after, Records = state.Records + (isRecorded ? 1 : 0) };
    }

    private IEnumerable<(Move Move, LifeState After)> MovesOf(int number, LifeState state)
    {
        PhotoCall call = calls[number];
        int step = state.Places[number].Value;
        (Progress next, PhotoLife life) = protocol.Step(call, step, state.Life);
        LifeState changed = Change(state, life);
        LifeState done = changed with
        {
            Places = state.Places.With(number, next),
            IsAcknowledged = state.IsAcknowledged || IsSuccessOfWrite(call, next),
        };
        yield return (new Move(MoveKind.Step, number), done);

        bool isChange = Protocol.IsChange(call, step);
        if (isChange && state.Late.Stage == LateStage.None)
        {
            var late = LateRequest.Due(call, step);
            if (allowed.HasFlag(Disturbances.LateChange))
            {
                yield return (new Move(MoveKind.StepAndLateRepeat, number), done with { Late = late });
                yield return (new Move(MoveKind.GiveUp, number), state with { Places = state.Places.With(number, Progress.Interrupted(call, 503)), Late = late });
            }

            if (allowed.HasFlag(Disturbances.LostResponse))
            {
                yield return (new Move(MoveKind.LoseResponse, number), changed with { Late = late.Done() });
            }
        }

        if (!state.IsCutOff)
        {
            Places cutOff = state.Places.With(number, Progress.Interrupted(call, 502));
            if (step > 0 && allowed.HasFlag(Disturbances.CutOff))
            {
                yield return (new Move(MoveKind.CutOff, number), state with { Places = cutOff, IsCutOff = true });
            }

            if (isChange && allowed.HasFlag(Disturbances.CutOffAfterChange))
            {
                yield return (new Move(MoveKind.StepAndCutOff, number), changed with { Places = cutOff, IsCutOff = true });
            }
        }
    }

    /// <summary>Whether a call may send another request. A sweep without a record does not begin.</summary>
    private bool IsLive(LifeState state, int call) =>
        !state.Places[call].IsOver && (calls[call] != PhotoCall.Sweep || state.Records > 0 || state.Places[call] != Progress.To(0));

    /// <summary>A tombstone lives a day, far longer than an invocation of RenderPhoto and than one of its requests can be late.</summary>
    private bool IsRendering(LifeState state) => state.Late is { Stage: LateStage.Due, Call: PhotoCall.Render }
        || AnyCall(call => calls[call] == PhotoCall.Render && !state.Places[call].IsOver && state.Places[call] != Progress.To(0));

    private bool IsUploading(LifeState state) => AnyCall(call => calls[call] == PhotoCall.Upload && !state.Places[call].IsOver);

    private bool AnyCall(Func<int, bool> isTrue)
    {
        for (int call = 0; call < calls.Count; call++)
        {
            if (isTrue(call))
            {
                return true;
            }
        }

        return false;
    }
}
