namespace DataSsl.Search.Scores;

/// <summary>
/// How a candidate's features are compared with the teacher's; DATA's released code has all three for both kinds of features.
/// </summary>
public enum Metric
{
    /// <summary>
    /// Of z the cosine. Of a map the mean product of the rows of the two relation matrices, which are not normalised (the released code's
    /// default).
    /// </summary>
    Cosine,

    /// <summary>Minus the squared distance: of z, or of the rows of the relation matrices.</summary>
    Mse,

    /// <summary>
    /// Minus the cross-entropy of relations, softmax at 0.2, the teacher's as target (DATA, equations 4 and 5): between positions of an
    /// image (the released code's kl), or between the z of images, both networks' z set against all of the teacher's (its qk_kk).
    /// </summary>
    Relation,

    /// <summary>
    /// Of maps alone: the same, summed over the positions of each map as equation 5 prints it, and not their mean. A map counts as much
    /// more as it has positions.
    /// </summary>
    RelationSum,

    /// <summary>Of z alone: <see cref="Relation"/> with each network's z set against all of its own (the released code's qq_kk).</summary>
    OwnRelation,

    /// <summary>
    /// Of the embedding, before any neck: as <see cref="OwnRelation"/>, with a foreign teacher's embeddings in the place of our own
    /// teacher's z.
    /// </summary>
    ForeignRelation,
}
