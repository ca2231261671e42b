namespace Photos.Bench;

/// <summary>What many measurements of one figure come to, in its unit.</summary>
/// <param name="Median">Half of them are at most this.</param>
/// <param name="P99">99 in 100 are at most this; of fewer than 100 it is the greatest.</param>
internal sealed record Summary(double Median, double P99)
{
    public static Summary Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Summary(MedianOf(sorted), PercentileOf(sorted, 99));
    }

    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    public static double MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>By nearest rank: the least value that <paramref name="percent"/> of them do not exceed.</summary>
    public static double PercentileOf(IEnumerable<double> values, int percent)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Max(0, ((sorted.Length * percent) + 99) / 100 - 1)];
    }
}
