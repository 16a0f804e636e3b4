namespace DataSsl.Tests;

/// <summary>What a test measures the product with and the product itself does not need.</summary>
internal static class Needed
{
    private static readonly bool CI = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));

    /// <summary>
    /// Skips the test where something is missing, with the reason. In CI, which installs it all, the test fails: a set-up that has rotted
    /// must not look green.
    /// </summary>
    public static void If(bool there, string reason)
    {
        if (there) return;
        if (CI) Assert.Fail($"{reason}; in CI it must be there");
        Skip.If(true, reason);
    }
}
