namespace DataSsl.Generator;

/// <summary>Names of the pipeline's stages, for tests that check what ran again.</summary>
public static class TrackingNames
{
    public const string Files = nameof(Files);
    public const string Parsed = nameof(Parsed);
    public const string Spaces = nameof(Spaces);
    public const string Diagnostics = nameof(Diagnostics);
    public const string Duplicates = nameof(Duplicates);
    public const string Registry = nameof(Registry);
    public const string Emitted = nameof(Emitted);
}
