namespace DataSsl.EndToEnd;

/// <summary>Tests that catch the console's streams: they are the process's, so one test at a time.</summary>
[CollectionDefinition(nameof(Console), DisableParallelization = true)]
public sealed class ConsoleCollection;
