namespace DataSsl.Search.Scores;

/// <summary>Metrics as they are named on the command line: our names, and the released code's.</summary>
internal static class MetricName
{
    /// <summary>The first name of a metric is the one that is shown.</summary>
    private static readonly (string Name, Metric Metric, bool OfMaps, bool OfEmbedding)[] Names =
    [
        ("cosine", Metric.Cosine, true, true),
        ("mse", Metric.Mse, true, true),
        ("relation", Metric.Relation, true, true),
        ("relation_sum", Metric.RelationSum, true, false),
        ("kl", Metric.Relation, true, false),
        ("qk_kk", Metric.Relation, false, true),
        ("qq_kk", Metric.OwnRelation, false, true),
        // Not by this name on the command line: it takes a teacher.
        ("teacher", Metric.ForeignRelation, false, false),
    ];

    public static string Of(Metric metric) => Names.First(n => n.Metric == metric).Name;

    /// <summary>The names that a kind of features knows, for a message.</summary>
    public static string Known(bool ofEmbedding) =>
        string.Join(", ", Names.Where(n => ofEmbedding ? n.OfEmbedding : n.OfMaps).Select(n => n.Name));

    /// <summary>Null where the features have no such metric.</summary>
    public static Metric? Find(string name, bool ofEmbedding) =>
        Names.Where(n => n.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && (ofEmbedding ? n.OfEmbedding : n.OfMaps))
            .Select(n => (Metric?)n.Metric).FirstOrDefault();
}
