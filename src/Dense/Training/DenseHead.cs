using DataSsl.Dense.Heads;

namespace DataSsl.Dense.Training;

/// <summary>What stands on a backbone.</summary>
public enum DenseHead
{
    /// <summary><see cref="Heads.Fcos"/>: one stage, no anchors, light.</summary>
    Fcos,

    /// <summary><see cref="Heads.FasterRcnnC4"/>: DATA's on Pascal VOC.</summary>
    FasterRcnnC4,

    /// <summary><see cref="FasterRcnn"/> on a feature pyramid; with masks it is Mask R-CNN.</summary>
    Fpn,

    /// <summary><see cref="FcnSegmenter"/>.</summary>
    Fcn,
}

/// <summary>The heads' words, and which task takes which.</summary>
public static class DenseHeads
{
    private static readonly (DenseHead Head, string Word)[] s_words =
    [
        (DenseHead.Fcos, "fcos"), (DenseHead.FasterRcnnC4, "faster-rcnn-c4"), (DenseHead.Fpn, "fpn"), (DenseHead.Fcn, "fcn"),
    ];

    /// <summary>The heads that a task can have, its default first.</summary>
    public static IReadOnlyList<DenseHead> Of(DenseTask task) => task switch
    {
        DenseTask.Detection => [DenseHead.Fcos, DenseHead.FasterRcnnC4, DenseHead.Fpn],
        DenseTask.Instances => [DenseHead.Fpn],
        _ => [DenseHead.Fcn],
    };

    /// <summary>As commands write it.</summary>
    public static string Word(this DenseHead head) => s_words.Single(entry => entry.Head == head).Word;

    /// <summary>The head that a word means for a task; null where it has none of that name.</summary>
    public static DenseHead? Parse(DenseTask task, string word) =>
        Of(task).Cast<DenseHead?>().FirstOrDefault(head => head!.Value.Word() == word);
}
