namespace Photos.Bench;

/// <summary>The statistics of many measurements of one figure, in the figure's unit.</summary>
/// <param name="Median">The median.</param>
/// <param name="P99">The 99th percentile; of fewer than 100 measurements it is the highest.</param>
internal sealed record Summary(double Median, double P99)
{
    public static Summary Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Summary(MedianOf(sorted), PercentileOf(sorted, 99));
    }

    /// <summary>The middle value, or the mean of the two middle values.</summary>
    public static double MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The percentile by nearest rank: the lowest value that at least <paramref name="percent"/> % of the values do not exceed.</summary>
    public static double PercentileOf(IEnumerable<double> values, int percent)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Max(0, ((sorted.Length * percent) + 99) / 100 - 1)];
    }
}
