namespace DataSsl.Generator;

/// <summary>Names of the pipeline's stages, for tests that check what ran again.</summary>
internal static class TrackingNames
{
    public const string Options = nameof(Options);
    public const string Files = nameof(Files);
    public const string Parsed = nameof(Parsed);
    public const string Spaces = nameof(Spaces);
    public const string ArchitectureFiles = nameof(ArchitectureFiles);
    public const string Architectures = nameof(Architectures);
    public const string Classes = nameof(Classes);
    public const string DeclaredSpaces = nameof(DeclaredSpaces);
    public const string DeclaredClasses = nameof(DeclaredClasses);
    public const string Clashes = nameof(Clashes);
    public const string Registry = nameof(Registry);
    public const string Diagnostics = nameof(Diagnostics);
    public const string Emitted = nameof(Emitted);
    public const string EmittedClasses = nameof(EmittedClasses);
}
