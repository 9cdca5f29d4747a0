"""One label space on the shared pyramid: RPN -> proposals -> RoIAlign -> box head -> detections -> mask head.

B images, A anchors, R RoIs, G ground-truth slots, D detections, M mask cells per axis.
"""

import keras
from keras import ops

from crumple.model import boxes as box_ops
from crumple.model.box_head import box_head, box_losses, detect
from crumple.model.config import BranchConfig, ModelConfig, Sampling
from crumple.model.indexing import gather_rows
from crumple.model.mask_head import mask_head, mask_loss, mask_quality, mask_targets
from crumple.model.matcher import POSITIVE, match
from crumple.model.roi_align import roi_align
from crumple.model.rpn import propose, rpn_head, rpn_losses
from crumple.model.sampling import sample


class Branch:
    """The three heads of one label space. A value of its config: n branches are n of these."""

    def __init__(self, branch: BranchConfig, config: ModelConfig) -> None:
        self.config = branch
        self.rpn = rpn_head(f"{branch.scope}_rpn", config)
        self.box_head = box_head(f"{branch.scope}_box", branch.num_classes, config)
        self.mask_head = mask_head(f"{branch.scope}_mask", config)
        self._model = config

    @property
    def models(self) -> list[keras.Model]:
        return [self.rpn, self.box_head, self.mask_head]

    def _pool(self, pyramid, boxes, bins: int, sampling: int):
        """(B, R, 4) -> (B * R, bins, bins, channels). P6 is the RPN's alone."""
        strides = self._model.pyramid_strides[:-1]
        pooled = roi_align(pyramid[: len(strides)], strides, boxes, bins, sampling, self._model.canonical_size)
        return ops.reshape(pooled, (-1, bins, bins, self._model.pyramid_channels))

    def _rpn_outputs(self, pyramid):
        """Objectness logits (B, A) and deltas (B, A, 4)."""
        outputs = ops.concatenate([self.rpn(level) for level in pyramid], axis=1)
        return outputs[..., 0], outputs[..., 1:]

    def _classify(self, pyramid, rois):
        """(B, R, 4) -> class logits (B, R, C + 1) and deltas (B, R, 4)."""
        logits, deltas = self.box_head(self._pool(pyramid, rois, self._model.box_pool, self._model.pool_sampling))
        count = rois.shape[1]
        return ops.reshape(logits, (-1, count, logits.shape[-1])), ops.reshape(deltas, (-1, count, 4))

    def _mask_logits(self, pyramid, boxes):
        """(B, R, 4) -> (B, R, M, M). One sampling point per bin: the mask grid is twice as fine as the boxes'."""
        logits = self.mask_head(self._pool(pyramid, boxes, self._model.mask_pool, 1))
        return ops.reshape(logits, (-1, boxes.shape[1], *logits.shape[1:]))

    def predict(self, pyramid, anchors) -> dict[str, keras.KerasTensor]:
        """`boxes` (B, D, 4), `scores` (B, D), `labels` (B, D) int32, `masks` (B, D, M, M) in [0, 1]."""
        model = self._model
        logits, deltas = self._rpn_outputs(pyramid)
        rois, valid = propose(
            logits, deltas, anchors, model.input_size, model.pre_nms, model.rpn_nms_iou, self.config.proposals
        )
        class_logits, box_deltas = self._classify(pyramid, rois)
        boxes, scores, labels = detect(
            class_logits,
            box_deltas,
            rois,
            valid,
            model.input_size,
            model.pre_detection_nms,
            model.detection_nms_iou,
            self.config.detections,
        )
        masks = ops.sigmoid(self._mask_logits(pyramid, boxes))
        if model.mask_scores:
            scores, order = ops.top_k(scores * mask_quality(masks), scores.shape[1])
            boxes, labels, masks = (gather_rows(values, order) for values in (boxes, labels, masks))
        return {"boxes": boxes, "scores": scores, "labels": labels, "masks": masks}

    def losses(self, pyramid, anchors, truth, sampling: Sampling, seed: keras.random.SeedGenerator):
        """The five losses of this branch, as named float32 scalars that are finite whatever is missing.

        Args:
            truth: `boxes` (B, G, 4), `labels` (B, G) int32 with -1 as padding, `masks` (B, G, T, T),
                `undrawn` (B, C) bool, `labelled` (B,).
        """
        gt_boxes, gt_labels, labelled = truth["boxes"], truth["labels"], truth["labelled"]
        gt_valid = gt_labels >= 0
        logits, deltas = self._rpn_outputs(pyramid)
        rpn_objectness, rpn_box = rpn_losses(logits, deltas, anchors, gt_boxes, gt_valid, labelled, seed)

        model = self._model
        pre_nms = max(model.pre_nms, 2 * sampling.proposals)
        proposals, valid = propose(
            logits, deltas, anchors, model.input_size, pre_nms, model.rpn_nms_iou, sampling.proposals
        )
        # Ground truth joins the proposals, so that the heads see positives before the RPN has learnt anything.
        candidates = ops.concatenate([proposals, gt_boxes], axis=1)
        usable = ops.concatenate([valid, gt_valid], axis=1)
        matched, kind = match(
            box_ops.pairwise_iou(candidates, gt_boxes), gt_valid, sampling.positive_iou, sampling.positive_iou, False
        )
        index, taken = sample(ops.where(usable, kind, -1), sampling.positives, sampling.rois, seed)
        rois, kind, matched = (gather_rows(values, index) for values in (candidates, kind, matched))
        roi_boxes, roi_labels = gather_rows(gt_boxes, matched), gather_rows(gt_labels, matched)
        weight = ops.cast(taken & labelled[:, None], "float32")
        class_logits, box_deltas = self._classify(pyramid, rois)
        box_class, box_delta = box_losses(
            class_logits, box_deltas, rois, kind, roi_labels, roi_boxes, truth["undrawn"], weight
        )

        # The sample's first slots are its positives: the mask head sees a random few of them.
        masks = min(sampling.masks, sampling.positives)
        flat = (-1, 4)
        targets = mask_targets(
            ops.reshape(rois[:, :masks], flat),
            ops.reshape(roi_boxes[:, :masks], flat),
            ops.reshape(gather_rows(truth["masks"], matched[:, :masks]), (-1, *truth["masks"].shape[2:])),
            model.mask_size,
        )
        mask_logits = ops.reshape(self._mask_logits(pyramid, rois[:, :masks]), (-1, model.mask_size, model.mask_size))
        mask_weight = weight * ops.cast(kind == POSITIVE, "float32")
        return {
            "rpn_objectness": rpn_objectness,
            "rpn_box": rpn_box,
            "box_class": box_class,
            "box_delta": box_delta,
            "mask": mask_loss(mask_logits, targets, ops.reshape(mask_weight[:, :masks], (-1,))),
        }
