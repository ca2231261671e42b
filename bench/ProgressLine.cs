using Spectre.Console;

namespace Photos.Bench;

/// <summary>Shows the progress of a run.</summary>
internal interface IProgressLine
{
    /// <summary>Shows the current activity.</summary>
    void Say(string what);

    /// <summary>Sets the total number of steps.</summary>
    void Begin(int steps);

    /// <summary>Begins the next step.</summary>
    void Step(string what);
}

/// <summary>A progress bar on a terminal. It is drawn only between measurements, so that it does not slow them down.</summary>
internal sealed class ProgressBarLine(ProgressContext context, ProgressTask task) : IProgressLine
{
    /// <summary>Shows the bar while <paramref name="work"/> runs, or plain lines when the output is not a terminal.</summary>
    public static T Show<T>(IAnsiConsole console, Func<IProgressLine, T> work) => console.Profile.Capabilities.Interactive
        ? console.Progress()
            .AutoClear(true)
            .AutoRefresh(false)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn())
            .Start(context => work(new ProgressBarLine(context, context.AddTask("Preparing", maxValue: double.MaxValue))))
        : work(new PlainProgressLine());

    public void Say(string what)
    {
        task.Description = what;
        context.Refresh();
    }

    public void Begin(int steps) => task.MaxValue = steps;

    public void Step(string what)
    {
        task.Increment(1);
        Say(what);
    }
}

/// <summary>Writes a line to standard error for every tenth of the steps.</summary>
internal sealed class PlainProgressLine : IProgressLine
{
    private int _steps;
    private int _step;

    public void Say(string what) => Console.Error.WriteLine(what);

    public void Begin(int steps) => _steps = steps;

    public void Step(string what)
    {
        if (++_step * 10 / _steps > (_step - 1) * 10 / _steps)
        {
            Console.Error.WriteLine($"Cold start {_step} of {_steps}: {what}");
        }
    }
}
