using DataSsl.Runtime.Evaluation;

namespace DataSsl.Search.Results;

/// <summary>Student's distribution, of any number of degrees of freedom from 1 on.</summary>
internal static class Student
{
    private const int Steps = 1 << 14;

    /// <summary>
    /// The 97.5 % point. With x = sqrt(n) tan(a) the density of a is cos(a)^(n - 1), which is summed up to 95 % of a quarter circle's.
    /// </summary>
    public static double Point(double freedom)
    {
        // Fisher's expansion, exact to 1e-6 from here on.
        const double z = Proportion.Z;
        if (freedom > 100)
            return z + (z * z * z + z) / (4 * freedom) + (5 * Math.Pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * freedom * freedom);
        var (step, sums) = (Math.PI / 2 / Steps, new double[Steps + 1]);
        for (var i = 0; i < Steps; i++) sums[i + 1] = sums[i] + Math.Pow(Math.Cos((i + 0.5) * step), freedom - 1);
        var wanted = 0.95 * sums[Steps];
        var at = Array.BinarySearch(sums, wanted) is var found && found >= 0 ? found : ~found - 1;
        return Math.Sqrt(freedom) * Math.Tan(step * (at + (wanted - sums[at]) / (sums[at + 1] - sums[at])));
    }
}
