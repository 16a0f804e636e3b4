namespace DataSsl.EndToEnd;

/// <summary>
/// How often tests kill what they start: a few times beside the other tests, as often as DATASSL_KILLS says in a long run.
/// </summary>
internal static class Kills
{
    public static int Of(int few) => int.TryParse(Environment.GetEnvironmentVariable("DATASSL_KILLS"), out var many) ? many : few;
}
