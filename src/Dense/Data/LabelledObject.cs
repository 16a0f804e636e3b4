namespace DataSsl.Dense.Data;

/// <summary>An object that somebody has marked on an image.</summary>
/// <param name="Class">Which of the classes, from 0.</param>
/// <param name="Box">Where it is.</param>
/// <param name="Area">Square pixels of it by which it counts as small or large: its mask's where the set says so, else its box's.</param>
/// <param name="Mask">Its pixels; null in a set of boxes.</param>
/// <param name="IsCrowd">Many at once (COCO): nothing is trained on them, and what is found among them is neither right nor wrong.</param>
/// <param name="IsDifficult">Hard to see (VOC): trained on, and neither right nor wrong when found.</param>
public sealed record LabelledObject(int Class, Box Box, double Area, RunMask? Mask = null, bool IsCrowd = false, bool IsDifficult = false);
