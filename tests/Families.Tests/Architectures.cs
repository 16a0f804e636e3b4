namespace DataSsl.Families.Tests;

/// <summary>
/// How many random architectures of each family are emitted, compiled and proven: <c>ARCHITECTURES=200</c> for the long run of every test
/// that asks.
/// </summary>
internal static class Architectures
{
    private static readonly string? Asked = Environment.GetEnvironmentVariable("ARCHITECTURES");

    /// <param name="usually">Enough to meet each path of the code, and quick.</param>
    public static int Count(int usually) => int.TryParse(Asked, out var count) ? Math.Max(usually, count) : usually;
}
